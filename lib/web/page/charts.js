// Charts over time on a canvas, with one zoom and one pointer for all of them. Nothing here knows
// where the figures come from: x is seconds, series are arrays of the same length.
import {niceSteps} from '/page/figures.js';

const kMargin = {left: 58, right: 10, top: 12, bottom: 22};
const kMinSpan = 1;  // seconds
const kMarkReach = 6;  // pixels

// What all charts of a page show: the zoom, and where the pointer stands (seconds or null).
export class TimeAxis {
  constructor() {
    this.zoom = null;
    this.pointer = null;
    this.charts = [];
    this.listeners = [];
    this.isDue = false;
  }

  onChange(listener) {
    this.listeners.push(listener);
  }

  setZoom(from, to) {
    this.zoom = to - from >= kMinSpan ? [Math.max(0, from), to] : this.zoom;
    this.changed();
  }

  reset() {
    this.zoom = null;
    this.changed();
  }

  changed() {
    this.listeners.forEach((listener) => listener());
    this.draw();
  }

  // Once per frame, however often it is asked for.
  draw() {
    if (!this.isDue) {
      this.isDue = true;
      requestAnimationFrame(() => {
        this.isDue = false;
        this.charts.forEach((chart) => chart.draw());
      });
    }
  }
}

// First index with x[index] >= value.
export function lowerBound(x, value) {
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle] < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// The frame of a chart: margins, axes, zoom by mouse, touch and keys. `content` gives {x, marks}
// and paints between the axes.
export class Chart {
  constructor(canvas, axis, options) {
    this.canvas = canvas;
    this.axis = axis;
    this.options = options;  // {xText, yText, onPointer}
    this.x = [];
    this.marks = [];  // [{x, text}]
    this.drag = null;
    axis.charts.push(this);
    this.listen();
  }

  range() {
    const last = this.x.length > 0 ? this.x[this.x.length - 1] : 10;
    return this.axis.zoom ?? [0, Math.max(last, 10)];
  }

  toX(seconds) {
    const [from, to] = this.range();
    return kMargin.left + ((seconds - from) / (to - from)) * this.innerWidth;
  }

  toSeconds(pixel) {
    const [from, to] = this.range();
    const share = (pixel - kMargin.left) / this.innerWidth;
    return from + Math.min(1, Math.max(0, share)) * (to - from);
  }

  toY(value) {
    const [low, high] = this.yRange;
    return this.height - kMargin.bottom - ((value - low) / (high - low)) * this.innerHeight;
  }

  color(name) {
    return getComputedStyle(this.canvas).getPropertyValue(name).trim();
  }

  begin() {
    const scale = devicePixelRatio || 1;
    this.width = this.canvas.clientWidth;
    this.height = this.canvas.clientHeight;
    if (this.canvas.width !== this.width * scale || this.canvas.height !== this.height * scale) {
      this.canvas.width = this.width * scale;
      this.canvas.height = this.height * scale;
    }
    this.innerWidth = Math.max(1, this.width - kMargin.left - kMargin.right);
    this.innerHeight = Math.max(1, this.height - kMargin.top - kMargin.bottom);
    const pen = this.canvas.getContext('2d');
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, this.width, this.height);
    pen.font = '12px system-ui, sans-serif';
    return pen;
  }

  draw() {
    if (this.canvas.clientWidth === 0) {
      return;
    }
    const pen = this.begin();
    this.yRange = this.measure();
    this.drawGrid(pen);
    pen.save();
    pen.beginPath();
    pen.rect(kMargin.left, 0, this.innerWidth, this.height - kMargin.bottom);
    pen.clip();
    this.paint(pen);
    this.drawMarks(pen);
    this.drawPointer(pen);
    pen.restore();
  }

  drawGrid(pen) {
    pen.strokeStyle = this.color('--line');
    pen.fillStyle = this.color('--soft');
    pen.lineWidth = 1;
    pen.textAlign = 'right';
    pen.textBaseline = 'middle';
    for (const [value, text] of this.yLabels()) {
      const y = Math.round(this.toY(value)) + 0.5;
      line(pen, kMargin.left, y, this.width - kMargin.right, y);
      pen.fillText(text, kMargin.left - 6, y);
    }
    pen.textAlign = 'center';
    pen.textBaseline = 'top';
    for (const value of niceSteps(...this.range(), Math.max(2, this.innerWidth / 90))) {
      pen.fillText(this.options.xText(value), this.toX(value), this.height - kMargin.bottom + 5);
    }
  }

  yLabels() {
    const labels = niceSteps(...this.yRange, 4).map((value) => [value, this.options.yText(value)]);
    // Half a user has no label of its own.
    return labels.filter(([, text], i) => i === 0 || text !== labels[i - 1][1]);
  }

  drawMarks(pen) {
    pen.strokeStyle = this.color('--c8');
    pen.fillStyle = this.color('--c8');
    pen.setLineDash([3, 3]);
    for (const mark of this.marks) {
      const x = this.toX(mark.x);
      line(pen, x, kMargin.top, x, this.height - kMargin.bottom);
      pen.beginPath();
      pen.moveTo(x - 4, kMargin.top - 8);
      pen.lineTo(x + 4, kMargin.top - 8);
      pen.lineTo(x, kMargin.top);
      pen.fill();
    }
    pen.setLineDash([]);
  }

  drawPointer(pen) {
    if (this.axis.pointer != null) {
      const x = this.toX(this.axis.pointer);
      pen.strokeStyle = this.color('--text');
      line(pen, x, kMargin.top, x, this.height - kMargin.bottom);
    }
    if (this.drag) {
      pen.fillStyle = this.color('--accent');
      pen.globalAlpha = 0.2;
      pen.fillRect(this.drag.from, 0, this.drag.to - this.drag.from, this.height);
      pen.globalAlpha = 1;
    }
    this.options.onPointer?.(this.axis.pointer, this.marksNear(this.axis.pointer));
  }

  marksNear(seconds) {
    return seconds == null
      ? []
      : this.marks.filter((m) => Math.abs(this.toX(m.x) - this.toX(seconds)) <= kMarkReach);
  }

  listen() {
    const on = (name, take) => this.canvas.addEventListener(name, take);
    on('pointermove', (event) => {
      if (this.drag) {
        this.drag.to = event.offsetX;
      }
      this.axis.pointer = this.toSeconds(event.offsetX);
      this.axis.draw();
    });
    on('pointerleave', () => {
      this.axis.pointer = null;
      this.axis.draw();
    });
    on('pointerdown', (event) => {
      if (event.pointerType === 'mouse' && event.button === 0) {
        this.drag = {from: event.offsetX, to: event.offsetX};
        this.canvas.setPointerCapture(event.pointerId);
      }
    });
    on('pointerup', () => this.endDrag());
    on('pointercancel', () => (this.drag = null));
    on('dblclick', () => this.axis.reset());
    on('keydown', (event) => this.onKey(event));
    new ResizeObserver(() => this.axis.draw()).observe(this.canvas);
  }

  endDrag() {
    const drag = this.drag;
    this.drag = null;
    if (drag && Math.abs(drag.to - drag.from) > 5) {
      const ends = [this.toSeconds(drag.from), this.toSeconds(drag.to)].sort((a, b) => a - b);
      this.axis.setZoom(...ends);
    } else {
      this.axis.draw();
    }
  }

  onKey(event) {
    const [from, to] = this.range();
    const span = to - from;
    const middle = this.axis.pointer ?? (from + to) / 2;
    const actions = {
      '+': () => this.axis.setZoom(middle - span / 4, middle + span / 4),
      '=': () => this.axis.setZoom(middle - span / 4, middle + span / 4),
      '-': () => this.axis.setZoom(from - span / 2, to + span / 2),
      'ArrowLeft': () => this.axis.setZoom(from - span / 4, from < span / 4 ? span : to - span / 4),
      'ArrowRight': () => this.axis.setZoom(from + span / 4, to + span / 4),
      '0': () => this.axis.reset(),
      'Escape': () => this.axis.reset(),
    };
    if (event.key in actions && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      actions[event.key]();
    }
  }
}

function line(pen, x1, y1, x2, y2) {
  pen.beginPath();
  pen.moveTo(x1, y1);
  pen.lineTo(x2, y2);
  pen.stroke();
}

// Lines: series = [{name, values, slot, isStepped}] with slot 1…8 for the colour.
export class LineChart extends Chart {
  constructor(canvas, axis, options) {
    super(canvas, axis, options);
    this.series = [];
  }

  visible() {
    const [from, to] = this.range();
    return [Math.max(0, lowerBound(this.x, from) - 1), lowerBound(this.x, to) + 1];
  }

  measure() {
    const [first, last] = this.visible();
    let high = 0;
    for (const series of this.series) {
      for (let i = first; i < Math.min(last, series.values.length); ++i) {
        high = Math.max(high, series.values[i] ?? 0);
      }
    }
    return [0, high > 0 ? high * 1.05 : 1];
  }

  paint(pen) {
    const [first, last] = this.visible();
    pen.lineWidth = 1.7;
    for (const series of this.series) {
      pen.strokeStyle = this.color(`--c${series.slot}`);
      pen.beginPath();
      let isOpen = false;
      for (let i = first; i < Math.min(last, this.x.length); ++i) {
        const value = series.values[i];
        if (value == null) {
          isOpen = false;
          continue;
        }
        const [x, y] = [this.toX(this.x[i]), this.toY(value)];
        if (isOpen) {
          pen.lineTo(x, y);
        } else {
          pen.moveTo(x - (this.x.length === 1 ? 2 : 0), y);
          pen.lineTo(x, y);
        }
        isOpen = true;
      }
      pen.stroke();
    }
  }
}
