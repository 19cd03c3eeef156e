// The live part: what the event stream told so far, as charts and tiles.
import {HeatMap} from '/page/heatmap.js';
import {LineChart, TimeAxis} from '/page/charts.js';
import {byId, h, setText} from '/page/dom.js';
import * as format from '/page/format.js';
import {has, t} from '/page/texts.js';

const kMaxClasses = 6;
const kShortestRow = 0.5;  // seconds

// Columns of the run that is shown: one entry per interval.
class Run {
  constructor() {
    this.x = [];
    this.starts = [];
    this.columns = new Map();
    this.classes = [];
    this.heat = [];
    this.marks = [];
    this.last = null;
  }

  add(row) {
    // The rest of a second at the end of a run is too short for a rate.
    if (row.length_s < kShortestRow && this.x.length > 0) {
      return;
    }
    const index = this.x.length;
    this.x.push(row.t_s + row.length_s);
    this.starts.push(row.t_s);
    this.heat.push(row.heat);
    this.last = row;
    const times = row.response_time_us;
    const hasTimes = times.count > 0;
    const figures = {
      rps: row.rps, failures: row.failures / row.length_s, users: row.users,
      target: row.target_users, workers: row.workers, p50: hasTimes ? times.p50 : null,
      p95: hasTimes ? times.p95 : null, p99: hasTimes ? times.p99 : null,
      p999: hasTimes ? times.p999 : null,
    };
    for (const [name, value] of Object.entries(figures)) {
      this.column(name).push(value);
    }
    for (const [name, count] of Object.entries(row.failures_by_class)) {
      if (!this.classes.includes(name)) {
        this.classes.push(name);
      }
      this.column(`class ${name}`)[index] = count / row.length_s;
    }
    for (const name of this.classes) {
      const column = this.column(`class ${name}`);
      column[index] ??= 0;
      for (let i = 0; i < index && column[i] === undefined; ++i) {
        column[i] = 0;
      }
    }
  }

  column(name) {
    if (!this.columns.has(name)) {
      this.columns.set(name, []);
    }
    return this.columns.get(name);
  }
}

export class Live {
  constructor() {
    this.axis = new TimeAxis();
    this.run = new Run();
    this.events = [];
    this.cards = new Map();
    this.build();
    this.axis.onChange(() => this.showZoom());
    byId('zoom-reset').addEventListener('click', () => this.axis.reset());
  }

  build() {
    const milliseconds = (us) => format.time(us);
    const charts = [
      ['rate', LineChart, format.rate, ['rps', 1], ['failures', 7]],
      ['times', LineChart, milliseconds, ['p50', 3], ['p95', 1], ['p99', 2], ['p999', 4]],
      ['heat', HeatMap, milliseconds],
      ['users', LineChart, format.count, ['target', 8], ['users', 1]],
      ['classes', LineChart, format.rate],
      ['workers', LineChart, format.count, ['workers', 6]],
    ];
    for (const [name, Kind, yText, ...series] of charts) {
      const canvas = h('canvas', {id: `chart-${name}`, tabindex: '0', role: 'img',
        'aria-describedby': `legend-${name}`});
      const legend = h('div', {class: 'legend', id: `legend-${name}`});
      const title = h('h3');
      byId('charts').append(h('div', {class: 'card'}, title, canvas, legend));
      const chart = new Kind(canvas, this.axis, {
        xText: format.seconds, yText, onPointer: (at, marks) => this.showLegend(name, at, marks),
      });
      this.cards.set(name, {chart, legend, title, series, canvas, yText});
    }
    this.translate();
  }

  translate() {
    for (const [name, card] of this.cards) {
      setText(card.title, t(`chart_${name}`));
      card.canvas.setAttribute('aria-label', `${t(`chart_${name}`)}. ${t('chart_keys')}`);
    }
    this.update();
  }

  begin() {
    this.run = new Run();
    this.events = [];
    this.axis.zoom = null;
    this.update();
  }

  addInterval(row) {
    this.run.add(row);
  }

  addEvent(event) {
    this.events.push(event);
    this.run.marks.push({x: event.t_s, text: eventText(event)});
  }

  seriesOf(name) {
    const card = this.cards.get(name);
    if (name === 'classes') {
      return this.run.classes.slice(0, kMaxClasses).map((one, i) => ({
        name: one, values: this.run.column(`class ${one}`), slot: (i + 6) % 8 + 1}));
    }
    return card.series.map(([key, slot]) => ({
      name: t(`series_${key}`), values: this.run.column(key), slot}));
  }

  update() {
    if (document.hidden) {
      return;
    }
    for (const [name, card] of this.cards) {
      card.chart.x = this.run.x;
      card.chart.marks = this.run.marks;
      if (name === 'heat') {
        card.chart.rows = this.run.heat;
        card.chart.starts = this.run.starts;
      } else {
        card.chart.series = this.seriesOf(name);
      }
    }
    this.showZoom();
    this.axis.draw();
  }

  // Under each chart: the figures at the pointer, else the latest.
  showLegend(name, at, marks) {
    const {chart, legend, yText} = this.cards.get(name);
    const last = this.run.x.length - 1;
    let index = last;
    if (at != null) {
      index = chart.x.findIndex((end) => end >= at);
      index = index < 0 ? last : index;
    }
    const texts = name === 'heat'
      ? [this.heatText(index)]
      : chart.series.map((series) => [series.slot,
        `${series.name} ${series.values[index] == null ? '–' : yText(series.values[index])}`]);
    const when = at == null || index < 0 ? [] : [format.seconds(chart.x[index])];
    const all = [...when, ...texts, ...marks.map((mark) => `▾ ${mark.text}`)];
    const stamp = JSON.stringify(all);
    if (legend.dataset.stamp !== stamp) {
      legend.dataset.stamp = stamp;
      legend.replaceChildren(...all.map((one) => (typeof one === 'string'
        ? h('span', {}, one)
        : h('span', {}, h('b', {class: `s${one[0]}`}), ` ${one[1]}`))));
    }
  }

  heatText(index) {
    const row = this.run.heat[index] ?? [];
    const sum = row.reduce((total, [, count]) => total + count, 0);
    if (sum === 0) {
      return t('heat_hint');
    }
    const edge = (band) => format.time(2 ** (band / 8));
    return t('heat_row', format.count(sum), edge(row[0][0]), edge(row[row.length - 1][0] + 1));
  }

  showZoom() {
    const {zoom} = this.axis;
    setText(byId('zoom-text'), zoom
      ? t('zoomed', format.seconds(zoom[0]), format.seconds(zoom[1])) : t('zoom_hint'));
    byId('zoom-reset').hidden = !zoom;
  }

  showTiles(master, stats) {
    const last = this.run.last;
    const times = last?.response_time_us;
    const total = stats?.total;
    const tiles = [
      ['users_now', `${format.count(master.current_users)} / ${format.count(master.target_users)}`],
      ['rate_now', last ? format.rate(last.rps) : '–'],
      ['p50_now', times?.count ? format.time(times.p50) : '–'],
      ['p95_now', times?.count ? format.time(times.p95) : '–'],
      ['p99_run', total?.requests ? format.time(total.response_time_us.p99) : '–'],
      ['requests_run', total ? format.count(total.requests) : '–', total?.requests],
      ['failures_run', total ? format.count(total.failures) : '–', total?.failures],
      ['ratio_run', total ? format.percent(total.error_ratio) : '–'],
      ['workers_now', format.count(master.workers)],
      ['elapsed', format.seconds(master.elapsed_s)],
    ];
    const list = byId('tiles');
    while (list.children.length < tiles.length) {
      list.append(h('div', {}, h('dt'), h('dd')));
    }
    tiles.forEach(([key, text, value], i) => {
      const [name, figure] = list.children[i].children;
      setText(name, t(`tile_${key}`));
      setText(figure, text);
      figure.id = `tile-${key}`;
      figure.dataset.value = value ?? '';
    });
  }
}

export function eventText(event) {
  const key = `event_${event.kind}`;
  const kind = has(key) ? t(key) : event.kind;
  return [kind, event.worker, event.text].filter(Boolean).join(' · ');
}
