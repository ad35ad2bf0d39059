/**
 * Columns that were drafted, turned out equal to the published one and were never seen by anyone: they are written
 * again instead of being allocated. Published columns never come here; somebody may hold them.
 */
import { Column, type Shape } from "@reckon/value";

const columnsPerLengthMax = 4;

export class ColumnPool {
  private readonly byShape = new Map<string, Column[]>();

  /** A column of the shape whose cells are those of `before`, or zeros where there is none. */
  draft(shape: Shape, before: Column | null): Column {
    const column = this.byShape.get(keyOf(shape))?.pop();
    if (column === undefined) return before === null ? new Column(shape) : before.clone();
    if (before === null) {
      column.numbers.fill(0);
      column.marks = null;
      column.texts = null;
    } else {
      column.numbers.set(before.numbers);
      column.marks = before.marks === null ? null : before.marks.slice();
      column.texts = before.texts === null ? null : before.texts.slice();
    }
    return column;
  }

  recycle(column: Column): void {
    const key = keyOf(column.shape);
    const columns = this.byShape.get(key);
    if (columns === undefined) this.byShape.set(key, [column]);
    else if (columns.length < columnsPerLengthMax) columns.push(column);
  }
}

function keyOf(shape: Shape): string {
  return `${shape.outer}×${shape.periods}`;
}
