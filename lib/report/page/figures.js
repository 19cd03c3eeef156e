// Figures as people read them, and the round steps of an axis: the one place for the report, the
// comparison and the live page. A module there, the first lines of one script here.

// Microseconds. Nothing measured is a dash and never a zero.
export function time(us) {
  if (us === null || us === undefined || Number.isNaN(us)) {
    return '–';
  }
  if (us < 1000) {
    return `${us.toFixed(0)} µs`;
  }
  const [value, unit] = us < 1e6 ? [us / 1e3, 'ms'] : [us / 1e6, 's'];
  return `${value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)} ${unit}`;
}

export function count(value) {
  return Math.round(value).toLocaleString('en').replaceAll(',', '\u202f');
}

export function rate(value) {
  return value < 999.95 ? value.toFixed(1) : count(value);
}

// A share that is not nothing, or not all, never reads as if it were.
export function percent(ratio) {
  const value = 100 * ratio;
  if (value > 0 && value < 0.01) {
    return '<0.01 %';
  }
  if (value > 99.9 && value < 100) {
    return '>99.9 %';
  }
  return `${value.toFixed(value < 9.995 ? 2 : 1)} %`;
}

export function bytes(value) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (value >= 999.5 && unit + 1 < units.length) {
    value /= 1000;
    ++unit;
  }
  return `${value.toFixed(unit === 0 || value >= 99.95 ? 0 : 1)} ${units[unit]}`;
}

// At most about `wanted` round values between `from` and `to`.
export function niceSteps(from, to, wanted) {
  const span = to - from || 1;
  const power = 10 ** Math.floor(Math.log10(span / wanted));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => span / s <= wanted);
  const steps = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9; ++i) {
    steps.push(i * step + 0);  // never -0
  }
  return steps;
}
