/**
 * A state that is only looked at: reading gives the last values and computes nothing, however stale they are. Everything
 * else is the state's own.
 */
import type { State } from "@reckon/engine";

const stillOnes = new WeakMap<State, State>();

export function stillState(state: State): State {
  let still = stillOnes.get(state);
  if (still === undefined) {
    const { peek } = state;
    // The members of a state do not depend on what they are called on.
    still = Object.create(state, {
      read: { value: peek },
      view: { value: peek },
      readCell: { value: readCell(peek) },
      readInto: { value: readInto(peek) },
    }) as State;
    stillOnes.set(state, still);
  }
  return still;
}

function readCell(peek: State["peek"]): State["readCell"] {
  return (node, cell) => {
    const column = peek(node);
    return Number.isInteger(cell) && cell >= 0 && cell < column.length ? column.get(cell) : null;
  };
}

function readInto(peek: State["peek"]): State["readInto"] {
  return (node, box, out) => {
    const column = peek(node);
    const { periods } = column.shape;
    let to = 0;
    for (let member = box.outerFrom; member < box.outerTo; member++)
      for (let period = box.from; period < box.to; period++) {
        const value = column.get(member * periods + period);
        out[to++] = typeof value === "number" ? value : Number.NaN;
      }
  };
}
