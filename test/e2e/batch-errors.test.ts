import { expect, it } from "vitest";
import { summaryOf } from "./batch-place.ts";
import { Place } from "./command-line.ts";

it("[BA14] with --errors-fail an error value is a failure, and a result without", () => {
  const place = new Place();
  place.write("q.reckon", 'model q\naxis p = table("p.csv", key id)\nblock v by p\n  y = 1 / p.x\n');
  place.write("p.csv", "id,x\na,1\nb,0\n");
  const args = ["batch", "q.reckon", "--over", "p", "--ledger", "off", "--retries", "0"];
  const ended = (...more: string[]) => {
    const { code, stdout } = place.reckon([...args, ...more]);
    const { succeeded, failed } = summaryOf(stdout);
    return [code, succeeded, failed];
  };
  expect(ended()).toEqual([0, 2, 0]);
  expect(ended("--errors-fail")).toEqual([3, 1, 1]);
});
