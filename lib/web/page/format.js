// Figures as people read them: those of the report, and moments of a run as a clock shows them.
export {bytes, count, percent, rate, time} from '/page/figures.js';

export function seconds(value) {
  const whole = Math.floor(value);
  const part = (n) => String(n).padStart(2, '0');
  return whole < 3600
    ? `${Math.floor(whole / 60)}:${part(whole % 60)}`
    : `${Math.floor(whole / 3600)}:${part(Math.floor(whole / 60) % 60)}:${part(whole % 60)}`;
}
