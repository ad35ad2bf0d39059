/**
 * The screen as Ink sees it: one text a line, each redrawn only when its string changed. All that is shown was
 * decided in `composeFrame`; nothing here knows of models or keys.
 */
import { Box, Text, useApp, useFocusManager } from "ink";
import { memo, type ReactElement, useLayoutEffect, useSyncExternalStore } from "react";

/** Lines of the current frame; a component that subscribes hears of the next frame once. */
export interface FrameStore {
  readonly subscribe: (listener: () => void) => () => void;
  readonly lines: () => readonly string[];
}

/** A store and the function that puts the next frame into it. */
export function createFrameStore(): FrameStore & { readonly show: (lines: readonly string[]) => void } {
  const listeners = new Set<() => void>();
  let current: readonly string[] = [];
  return {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    lines: () => current,
    show: (lines) => {
      current = lines;
      for (const listener of listeners) listener();
    },
  };
}

/** Hands the terminal over and takes it back. */
export type Suspend = (whileSuspended: () => Promise<void>) => Promise<void>;

// An empty text would take no row.
const Line = memo(
  ({ text }: { readonly text: string }): ReactElement => (
    <Text wrap="truncate">{text === "" ? " " : text}</Text>
  ),
);

export function Screen(props: {
  readonly store: FrameStore;
  readonly onReady: (suspend: Suspend) => void;
}): ReactElement {
  const lines = useSyncExternalStore(props.store.subscribe, props.store.lines);
  const { suspendTerminal } = useApp();
  const { disableFocus } = useFocusManager();
  const { onReady } = props;
  useLayoutEffect(() => {
    disableFocus();
    onReady((whileSuspended) => suspendTerminal(whileSuspended));
  }, [disableFocus, onReady, suspendTerminal]);
  return (
    <Box flexDirection="column" height={lines.length}>
      {lines.map((text, i) => (
        // A line is its place on the screen.
        // biome-ignore lint/suspicious/noArrayIndexKey: lines never move
        <Line key={i} text={text} />
      ))}
    </Box>
  );
}
