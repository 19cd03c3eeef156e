// Figures as people read them.

export function count(value) {
  return Math.round(value).toLocaleString('en-US').replaceAll(',', '\u202f');
}

export function time(us) {
  if (us == null) {
    return '–';
  }
  if (us < 1000) {
    return `${Math.round(us)} µs`;
  }
  const [value, unit] = us < 1e6 ? [us / 1e3, 'ms'] : [us / 1e6, 's'];
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${unit}`;
}

export function rate(value) {
  return value < 100 ? value.toFixed(1) : count(value);
}

export function percent(ratio) {
  const value = ratio * 100;
  if (value > 0 && value < 0.01) {
    return '< 0.01 %';
  }
  return `${value.toFixed(value < 10 ? 2 : 1)} %`;
}

export function bytes(value) {
  let unit = 0;
  while (value >= 1000 && unit < 4) {
    value /= 1000;
    ++unit;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${['B', 'kB', 'MB', 'GB', 'TB'][unit]}`;
}

export function seconds(value) {
  const whole = Math.floor(value);
  const part = (n) => String(n).padStart(2, '0');
  return whole < 3600
    ? `${Math.floor(whole / 60)}:${part(whole % 60)}`
    : `${Math.floor(whole / 3600)}:${part(Math.floor(whole / 60) % 60)}:${part(whole % 60)}`;
}
