import { render } from "ink-testing-library";
import { describe, expect, it } from "vitest";
import { createFrameStore, Screen, type Suspend } from "./screen.tsx";

describe("screen", () => {
  it("[TE1] shows a line of text for each line of the frame, empty ones included", async () => {
    const store = createFrameStore();
    store.show(["one", "", "three"]);
    const { lastFrame, unmount } = render(<Screen store={store} onReady={() => {}} />);
    expect(
      lastFrame()
        ?.split("\n")
        .map((line) => line.trimEnd()),
    ).toEqual(["one", "", "three"]);
    store.show(["one", "two"]);
    await expect.poll(() => lastFrame()).toBe("one\ntwo");
    unmount();
  });

  it("keeps styles and cuts what is too wide instead of breaking it", () => {
    const store = createFrameStore();
    store.show([`\u001b[7m${"x".repeat(200)}\u001b[27m`, "next"]);
    const { lastFrame, unmount } = render(<Screen store={store} onReady={() => {}} />);
    const [first, second] = (lastFrame() ?? "").split("\n");
    expect(first).toContain("\u001b[7m");
    expect(second).toBe("next");
    unmount();
  });

  it("hands out how to suspend once it is shown", () => {
    const store = createFrameStore();
    let suspend: Suspend | undefined;
    const { unmount } = render(
      <Screen
        store={store}
        onReady={(ready) => {
          suspend = ready;
        }}
      />,
    );
    expect(suspend).toBeTypeOf("function");
    unmount();
  });
});
