import { describe, expect, it } from "vitest";
import { serverAddress, urlParts } from "./server-address.ts";

describe("the address of a queue", () => {
  it.each([
    ["redis://user:s3cret@queue.example:7000/2", "redis", "redis://queue.example:7000"],
    ["rediss://:s3cret@queue.example", "redis", "rediss://queue.example:6379"],
    [
      "postgres://user:s3cret@queue.example/work?sslmode=require",
      "postgres",
      "postgres://queue.example:5432",
    ],
    ["redis:///", "redis", "redis://localhost:6379"],
  ])("[QU18] is shown without what is secret in it: %s", (url, kind, shown) => {
    expect(serverAddress(url)).toEqual({ kind, url, shown });
  });

  it.each(["", "s3cret", "http://:s3cret@host"])("[QU18] of another kind is not repeated: %s", (url) => {
    expect(() => serverAddress(url)).toThrow(/^(?!.*s3cret).*redis:/);
  });

  it.each([
    "redis://user:12s3cret#5@host:7000",
    "redis://:s3cret/a@host",
    "postgres://user:12/s3cret@host/work",
    "postgres://user:12?s3cret@host/work",
  ])("[QU18] with a password that was not encoded is refused, and not repeated: %s", (url) => {
    expect(() => serverAddress(url)).toThrow(/^(?!.*(?:s3cret|user:)).*%23/);
  });

  it.each([
    "redis://:s3cret@host:6379?db=2",
    "rediss://:s3cret@host/2?rejectUnauthorized=false",
    "redis://:s3cret@host/work",
  ])(
    "[QU29] of a Redis has nothing but a database behind the host, as clients read it otherwise: %s",
    (url) => {
      expect(() => serverAddress(url)).toThrow(/^(?!.*s3cret).*redis:\/\/host:6379\/2/);
    },
  );

  it("has the parts that a client takes", () => {
    expect(urlParts("rediss://us%65r:a%40b@[::1]:7000/2")).toEqual({
      host: "::1",
      port: 7000,
      db: 2,
      username: "user",
      password: "a@b",
      tls: {},
    });
  });
});
