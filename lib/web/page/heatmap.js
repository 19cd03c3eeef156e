// Response time over time as a heat map: what percentile lines hide. Each column is the sum of the
// merged histograms of its intervals, in bands of an eighth of a power of two.
import {Chart, lowerBound} from '/page/charts.js';

const kBandsPerOctave = 8;
const bandOf = (us) => kBandsPerOctave * Math.log2(Math.max(1, us));

export class HeatMap extends Chart {
  constructor(canvas, axis, options) {
    super(canvas, axis, options);
    this.rows = [];  // per x: [[band, count]…]
    this.starts = [];  // per x: where the interval begins
  }

  // Only bands that are in sight.
  measure() {
    let low = Infinity;
    let high = -Infinity;
    for (const row of this.visibleRows()) {
      for (const [band] of this.rows[row]) {
        low = Math.min(low, band);
        high = Math.max(high, band);
      }
    }
    return low > high ? [bandOf(1000), bandOf(1e6)] : [Math.max(0, low - 2), high + 3];
  }

  * visibleRows() {
    const [from, to] = this.range();
    for (let i = lowerBound(this.x, from); i < this.x.length && this.starts[i] <= to; ++i) {
      yield i;
    }
  }

  yLabels() {
    const [low, high] = this.yRange;
    const labels = [];
    for (let decade = 0; decade < 10; ++decade) {
      for (const digit of high - low < 3 * kBandsPerOctave * 3.4 ? [1, 2, 5] : [1]) {
        const us = digit * 10 ** decade;
        if (bandOf(us) >= low && bandOf(us) <= high) {
          labels.push([bandOf(us), this.options.yText(us)]);
        }
      }
    }
    return labels;
  }

  // One column per two pixels at most: intervals that fall together are added.
  columns() {
    const columns = new Map();
    for (const i of this.visibleRows()) {
      const x = Math.floor(this.toX(this.starts[i]) / 2) * 2;
      const column = columns.get(x) ?? {end: 0, counts: new Map()};
      column.end = Math.max(column.end, this.toX(this.x[i]));
      for (const [band, count] of this.rows[i]) {
        column.counts.set(band, (column.counts.get(band) ?? 0) + count);
      }
      columns.set(x, column);
    }
    return columns;
  }

  paint(pen) {
    const columns = this.columns();
    let most = 1;
    for (const column of columns.values()) {
      for (const count of column.counts.values()) {
        most = Math.max(most, count);
      }
    }
    const rgb = this.color('--heat');
    const height = this.toY(0) - this.toY(1);
    for (const [x, column] of columns) {
      for (const [band, count] of column.counts) {
        // By the logarithm: a few slow ones must be seen beside thousands of fast ones.
        const strength = 0.12 + (0.88 * Math.log(1 + count)) / Math.log(1 + most);
        pen.fillStyle = `rgba(${rgb}, ${strength.toFixed(2)})`;
        pen.fillRect(x, this.toY(band + 1), Math.max(2, column.end - x), Math.max(1, height));
      }
    }
  }

  // What stands under the pointer: the count between two percentiles of that interval.
  at(seconds) {
    const i = lowerBound(this.x, seconds);
    return i < this.rows.length && this.starts[i] <= seconds ? i : -1;
  }
}
