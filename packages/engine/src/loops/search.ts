/** Points out from one, to both sides in turn, twice as far each time: for a change of sign. */
const pointsMax = 48;

export class Search {
  private from = 0.5;
  private unit = 0.5;
  private count = 0;

  begin(from: number, unit: number): void {
    this.from = from;
    this.unit = unit;
    this.count = 0;
  }

  get isOver(): boolean {
    return this.count >= pointsMax;
  }

  next(): number {
    const side = (this.count & 1) === 0 ? 1 : -1;
    return this.from + side * this.unit * 2 ** (this.count++ >> 1);
  }
}
