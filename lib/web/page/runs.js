// Runs of before: a list, one as a report, several side by side.
import * as api from '/page/api.js';
import {LineChart, TimeAxis} from '/page/charts.js';
import {byId, h, setText} from '/page/dom.js';
import {download, show} from '/page/files.js';
import * as format from '/page/format.js';
import {Table} from '/page/tables.js';
import {has, t} from '/page/texts.js';

const text = (key, value, more = {}) => ({key, value, isText: true, ...more});
const verdictTone = (verdict) => (verdict === 'passed' ? 'good' : 'bad');

export class Runs {
  constructor() {
    this.chosen = new Set();
    this.rows = [];
    this.shown = null;
    this.answer = h('output', {class: 'bad'});
    this.compareButton = h('button', {type: 'button', id: 'button-compare',
      onclick: () => this.compare()});
    this.reportButton = h('button', {type: 'button', id: 'button-report',
      onclick: () => show('/report', 'report.html', this.answer)});
    this.bar = h('div', {class: 'row'}, this.compareButton, this.reportButton, this.answer);
    const list = h('div');
    byId('runs-list').append(list, this.bar);
    this.table = new Table(list, 'runs', [
      {key: 'choose', value: () => '', isText: true, stamp: (row) => row.id,
        element: (row) => this.box(row)},
      text('started', (row) => row.started_at, {show: (value) => value.replace(/\.\d+/, '')}),
      text('case', (row) => row.cases.join(', ')),
      text('verdict', (row) => row.verdict, {
        show: (value) => (has(value) ? t(value) : value), tone: verdictTone}),
      {key: 'requests', value: (row) => row.requests, show: format.count},
      {key: 'rps_run', value: (row) => row.rps, show: format.rate},
      {key: 'p95_run', value: (row) => row.p95_us, show: format.time},
      {key: 'share', value: (row) => row.error_ratio, show: format.percent},
      {key: 'duration', value: (row) => row.duration_s, show: format.seconds},
      text('tags', (row) => Object.entries(row.tags).map((pair) => pair.join('=')).join(' ')),
      {key: 'open', value: () => '', isText: true, stamp: (row) => row.id,
        element: (row) => this.links(row)},
    ], {hasFilter: true, empty: 'no_runs'});
    this.translate();
  }

  translate() {
    setText(this.compareButton, t('button_compare'));
    setText(this.reportButton, t('button_report'));
    this.table.translate();
    this.allow();
    this.shown?.();
  }

  box(row) {
    return h('input', {type: 'checkbox', checked: this.chosen.has(row.id),
      'aria-label': t('choose_run', row.id), onchange: (event) => {
        this.chosen[event.target.checked ? 'add' : 'delete'](row.id);
        this.allow();
      }});
  }

  links(row) {
    const button = (name, label, run) => h('button', {type: 'button', onclick: run,
      'aria-label': `${label} ${row.id}`}, name);
    return h('span', {}, button(t('open'), t('open'), () => this.open(row.id)), ' ',
      ...row.formats.flatMap((kind) => [
        button(kind, `${t('download')} ${kind}`, () => download(
          `/runs/${encodeURIComponent(row.id)}/${kind}`, `${row.id}.${kind}`, this.answer)), ' ']));
  }

  allow() {
    this.compareButton.disabled = this.chosen.size < 2;
    this.compareButton.hidden = this.rows.length === 0;
  }

  async refresh() {
    try {
      this.rows = await api.data('/runs');
      this.table.update([...this.rows].reverse());
      this.allow();
    } catch {
      this.rows = [];
    }
  }

  async load(id) {
    return (await api.request('GET', `/runs/${encodeURIComponent(id)}/json`)).json();
  }

  async open(id) {
    try {
      const result = await this.load(id);
      this.show(() => this.report(result));
    } catch (error) {
      setText(this.answer, error.message);
    }
  }

  async compare() {
    try {
      const results = await Promise.all([...this.chosen].sort().map((id) => this.load(id)));
      this.show(() => this.sideBySide(results));
    } catch (error) {
      setText(this.answer, error.message);
    }
  }

  show(draw) {
    this.shown = draw;
    draw();
    byId('runs-view').scrollIntoView();
  }

  report(result) {
    const {run, total} = result;
    const facts = [
      [t('column_verdict'), has(run.verdict) ? t(run.verdict) : run.verdict],
      [t('column_requests'), format.count(total.requests)],
      [t('column_failures'), format.count(total.failures)],
      [t('column_rps_run'), format.rate(total.rps)],
      [t('column_p95_run'), format.time(total.response_time_us.p95)],
      [t('column_p99_run'), format.time(total.response_time_us.p99)],
    ];
    this.page(`${run.cases.map((one) => one.name).join(', ')} · ${run.id}`, [
      h('ul', {}, ...facts.map(([name, value]) => h('li', {}, `${name}: ${value}`)),
        ...run.notes.map((note) => h('li', {class: 'warn'}, note))),
    ], [result], (rows) => [
      ['requests', (step) => step.requests, format.count],
      ['failures', (step) => step.failures, format.count],
      ['rps_run', (step) => step.rps, format.rate],
      ['p50_run', (step) => step.response_time_us.p50, format.time],
      ['p95_run', (step) => step.response_time_us.p95, format.time],
      ['p99_run', (step) => step.response_time_us.p99, format.time],
      ['max_run', (step) => step.response_time_us.max, format.time],
    ].map(([key, value, show]) => ({key, value: (row) => value(row.steps[0]), show})));
  }

  // The first of the runs is what the others are measured against.
  sideBySide(results) {
    const figures = [
      ['rps_run', (step) => step.rps, format.rate],
      ['p95_run', (step) => step.response_time_us.p95, format.time],
      ['share', (step) => step.error_ratio, format.percent],
    ];
    const legend = h('ol', {}, ...results.map(({run}) =>
      h('li', {}, `${run.id} · ${run.cases.map((one) => one.name).join(', ')}`)));
    this.page(t('comparison'), [legend], results, () => figures.flatMap(([key, value, show]) =>
      results.map((_, i) => ({
        key, suffix: ` ${i + 1}`,
        value: (row) => (row.steps[i] ? value(row.steps[i]) : null),
        show: (now, row) => this.withChange(now, i, row.steps[0] && value(row.steps[0]), show),
      }))));
  }

  withChange(now, index, base, show) {
    if (now == null) {
      return '–';
    }
    const change = index > 0 && base ? (now / base - 1) * 100 : null;
    return show(now) + (change == null ? '' : ` (${change > 0 ? '+' : ''}${change.toFixed(1)} %)`);
  }

  page(title, parts, results, columns) {
    const box = byId('runs-view');
    const charts = h('div');
    const steps = h('div');
    box.replaceChildren(h('div', {class: 'card'}, h('h3', {}, title), ...parts, charts), steps);
    this.curves(charts, results);
    const names = [];
    results.forEach(({steps: all, total}) => [...all, total].forEach((step) => {
      const key = JSON.stringify([step.case, step.name, step.type]);
      if (!names.includes(key)) {
        names.push(key);
      }
    }));
    const rows = names.map((key) => ({
      key, isTotal: JSON.parse(key)[2] === 'total', name: JSON.parse(key)[1],
      steps: results.map((one) => [...one.steps, one.total].find((step) =>
        JSON.stringify([step.case, step.name, step.type]) === key)),
    }));
    const table = new Table(steps, 'compared', [text('step', (row) => row.name), ...columns(rows)]);
    table.update(rows);
  }

  curves(parent, results) {
    const axis = new TimeAxis();
    for (const [key, show] of [['rps', format.rate], ['p95_us', format.time]]) {
      const canvas = h('canvas', {tabindex: '0', role: 'img', 'aria-label': t(`curve_${key}`)});
      parent.append(h('h3', {}, t(`curve_${key}`)), canvas, h('div', {class: 'legend'},
        ...results.map(({run}, i) =>
          h('span', {}, h('b', {class: `s${i % 8 + 1}`}), ` ${run.id}`))));
      const chart = new LineChart(canvas, axis, {xText: format.seconds, yText: show});
      // On the axis of the longest; the others end earlier.
      const longest = results.reduce((a, b) => (a.timeline.length < b.timeline.length ? b : a));
      chart.x = longest.timeline.map((row) => row.t_s);
      chart.series = results.map(({timeline}, i) => ({
        name: '', slot: i % 8 + 1, values: timeline.map((row) => row[key])}));
    }
    axis.draw();
  }
}
