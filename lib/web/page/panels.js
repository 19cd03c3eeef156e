// The tables below the charts, filled from /stats and /workers.
import {byId, h, setText} from '/page/dom.js';
import {show} from '/page/files.js';
import * as format from '/page/format.js';
import {Table} from '/page/tables.js';
import {has, t} from '/page/texts.js';

const kHotPercent = 90;
const kSilentUs = 2e6;  // the master hears of a worker every second

const number = (key, value, show = format.count) => ({key, value, show});
const text = (key, value, more = {}) => ({key, value, isText: true, ...more});

function stepColumns() {
  const run = (key) => (row) => row.response_time_us[key];
  const last = (key) => (row) => row.interval?.[key];
  const time = (value) => (value ? format.time(value) : '–');
  const rate = (value) => (value == null ? '–' : format.rate(value));
  return [
    text('step', (row) => row.name),
    text('kind', (row) => row.method || row.type,
      {show: (value) => (has(`kind_${value}`) ? t(`kind_${value}`) : value)}),
    number('requests', (row) => row.requests),
    {...number('failures', (row) => row.failures), tone: (value) => (value > 0 ? 'bad' : '')},
    number('share', (row) => row.error_ratio, format.percent),
    number('rps_run', (row) => row.rps, rate),
    number('p50_run', run('p50'), time),
    number('p95_run', run('p95'), time),
    number('p99_run', run('p99'), time),
    number('p999_run', run('p999'), time),
    number('max_run', run('max'), time),
    number('rps_last', last('rps'), rate),
    number('p50_last', last('p50'), time),
    number('p95_last', last('p95'), time),
    number('p99_last', last('p99'), time),
  ];
}

function errorColumns() {
  const workers = (row) => row.workers.map((worker) => `${worker.id} (${worker.count})`)
    .join(', ') + (row.more_workers > 0 ? ` + ${row.more_workers}` : '');
  return [
    text('class', (row) => row.class),
    text('message', (row) => row.message),
    text('step', (row) => row.step),
    number('count', (row) => row.count),
    number('ratio', (row) => row.share, format.percent),
    number('first', (row) => row.first_s, format.seconds),
    number('last', (row) => row.last_s, format.seconds),
    text('worker', workers),
  ];
}

// Why a worker is not well; empty when it is.
export function sickness(row) {
  if (row.state_name === 'missing' || row.state_name === 'quitting') {
    return t(`sick_${row.state_name}`);
  }
  if (row.cpu_usage > kHotPercent) {
    return t('sick_cpu', Math.round(row.cpu_usage));
  }
  return row.lag_us > kSilentUs ? t('sick_silent', format.time(row.lag_us)) : '';
}

function workerRank(row) {
  const states = {missing: 400, quitting: 300};
  return (states[row.state_name] ?? 0) + (row.lag_us > kSilentUs ? 200 : 0) + row.cpu_usage;
}

function workerColumns(act) {
  const percent = (value) => `${value.toFixed(0)} %`;
  const state = (row) => (has(`state_${row.state_name}`) ? t(`state_${row.state_name}`)
    : row.state_name);
  return [
    text('worker', (row) => row.name || row.id),
    text('room', (row) => row.room),
    text('state', (row) => [state(row), sickness(row)].filter(Boolean).join(': '),
      {tone: (_, row) => (sickness(row) ? 'bad' : '')}),
    number('users', (row) => row.user_count, (value, row) =>
      (row.max_users == null ? format.count(value)
        : `${format.count(value)} / ${format.count(row.max_users)}`)),
    number('rps', (row) => row.rps, format.rate),
    number('cpu', (row) => row.worker_cpu_usage, percent),
    number('machine_cpu', (row) => row.cpu_usage, percent),
    number('memory', (row) => row.worker_memory_usage, (value) => `${value.toFixed(1)} %`),
    number('ports', (row) => row.health.ports_in_use, (value, row) =>
      `${format.count(value)} / ${format.count(row.health.ports)}`),
    number('lateness', (row) => row.lateness, (value) => (value == null ? '–'
      : format.time(value))),
    number('lag', (row) => row.lag_us, format.time),
    text('version', (row) => row.version),
    {key: 'actions', value: () => '', isText: true, stamp: (row) => row.id,
      element: (row) => actions(row, act)},
  ];
}

function actions(row, act) {
  const answer = h('output');
  const name = row.name || row.id;
  const path = `/workers/${encodeURIComponent(row.id)}`;
  const label = (verb) => ({'aria-label': `${t(`worker_${verb}`)}: ${name}`});
  const button = (verb) => h('button', {
    type: 'button', ...label(verb), onclick: () => act(`${path}/${verb}`, {}, answer),
  }, t(`worker_${verb}`));
  const link = (verb, href, file) => h('a', {
    href, ...label(verb), target: '_blank', rel: 'noopener', onclick: (event) => {
      event.preventDefault();
      show(href, file, answer);
    },
  }, t(`worker_${verb}`));
  return h('span', {class: 'actions'}, button('stop'), ' ', button('start'), ' ',
    link('data', path, `${name}.json`), ' ', link('log', `${path}/log`, `${name}.log`), ' ',
    answer);
}

export class Panels {
  constructor(act) {
    this.steps = new Table(byId('table-steps'), 'steps', stepColumns(),
      {hasFilter: true, note: 'steps_note'});
    this.errors = new Table(byId('table-errors'), 'errors', errorColumns(),
      {hasFilter: true, empty: 'no_errors'});
    this.workers = new Table(byId('table-workers'), 'workers', workerColumns(act),
      {hasFilter: true, rank: workerRank, empty: 'no_workers'});
    this.thresholds = new Table(byId('table-thresholds'), 'thresholds', [
      text('expr', (row) => row.expr),
      text('observed', (row) => String(row.observed ?? '–')),
      text('passed', (row) => (row.passed ? t('passed') : t('failed')),
        {tone: (_, row) => (row.passed ? 'good' : 'bad')}),
    ], {empty: 'no_thresholds'});
    this.events = new Table(byId('table-events'), 'events', [
      number('t', (row) => row.t_s, format.seconds),
      text('event', (row) => (has(`event_${row.kind}`) ? t(`event_${row.kind}`) : row.kind)),
      text('worker', (row) => row.worker),
      text('message', (row) => row.text),
    ]);
  }

  all() {
    return [this.steps, this.errors, this.workers, this.thresholds, this.events];
  }

  translate() {
    this.all().forEach((table) => table.translate());
  }

  // `total` is what the last interval gave in all.
  showStats(stats, total) {
    const last = stats.interval?.steps ?? [];
    const rows = stats.steps.map((row, i) => ({...row, interval: last[i]}));
    if (stats.total.name) {
      rows.push({...stats.total, name: t('total'), isTotal: true,
        interval: total && {rps: total.rps, ...total.response_time_us}});
    }
    this.steps.update(rows);
    const requests = Math.max(1, stats.total.requests);
    this.errors.update(stats.errors.map((row) => ({...row, share: row.count / requests})));
    this.thresholds.update(stats.thresholds);
    this.events.update(stats.events);
    this.lateness = new Map(stats.workers.map((row) => [row.id, row.lateness_p99_us]));
    this.showHealth(stats);
  }

  showWorkers(rows) {
    this.workers.update(rows.map((row) => ({...row, lateness: this.lateness?.get(row.id)})));
  }

  showHealth({health, run, connections, iterations}) {
    const limited = health.limited_by;
    const key = `limited_${limited}`;
    const lines = [
      [limited ? t('limited', has(key) ? t(key) : limited) : t('not_limited'),
        limited ? 'bad' : 'good'],
      [t('asked', format.count(health.asked), format.count(health.reached))],
      [t('lateness', format.time(health.lateness_us.p99))],
      [t('connections', format.count(connections.opened), format.count(connections.reused),
        format.count(connections.failed))],
      [t('iterations', format.count(iterations.finished), format.count(iterations.failed),
        format.count(iterations.interrupted), format.count(iterations.dropped))],
      ...(run.degraded ? [[t('degraded'), 'bad']] : []),
      ...run.notes.map((note) => [note, 'warn']),
    ];
    const stamp = JSON.stringify(lines);
    const box = byId('health');
    if (box.dataset.stamp !== stamp) {
      box.dataset.stamp = stamp;
      box.replaceChildren(h('div', {class: 'card'}, h('h3', {}, t('health')),
        h('ul', {}, ...lines.map(([line, tone]) => h('li', {class: tone ?? ''}, line)))));
    }
    setText(byId('run-id'), run.id);
  }
}
