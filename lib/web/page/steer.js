// The forms that start, change and end a run. Each button is one call of the public API; what it
// answers stands beside it.
import {LineChart, TimeAxis} from '/page/charts.js';
import * as api from '/page/api.js';
import {byId, h, setText} from '/page/dom.js';
import * as format from '/page/format.js';
import {t} from '/page/texts.js';

export async function act(path, body, answer) {
  setText(answer, t('asking'));
  answer.className = 'soft';
  try {
    const {code, message, data} = await api.command(path, body);
    setText(answer, code === 0 ? t('done') : message);
    answer.className = code === 0 ? 'good' : 'bad';
    return code === 0 ? data ?? {} : null;
  } catch (error) {
    setText(answer, error.message);
    answer.className = 'bad';
    return null;
  }
}

// A yes or no, by the page's own dialog.
function ask(question, yes) {
  const dialog = byId('question');
  setText(byId('question-text'), question);
  setText(byId('question-yes'), yes);
  return new Promise((resolve) => {
    dialog.returnValue = '';
    byId('question-yes').onclick = () => dialog.close('yes');
    byId('question-no').onclick = () => dialog.close('');
    // The end of a question before may be told while this one is open already.
    dialog.onclose = () => dialog.open || resolve(dialog.returnValue === 'yes');
    dialog.showModal();
  });
}

const lines = (value) => value.split('\n').map((one) => one.trim()).filter(Boolean);
const integer = (value) => Math.trunc(Number(value));

// [key of the API, kind of field, from text to value]
const startFields = [
  ['testcase-path', {list: 'case-list', required: true}, String],
  ['spawn-count', {type: 'number', min: 1, step: 1}, integer],
  ['spawn-rate', {type: 'number', min: 0, step: 'any'}, Number],
  ['run-time', {placeholder: '30s, 5m'}, String],
  ['rate', {type: 'number', min: 0, step: 'any'}, Number],
  ['max-rps', {type: 'number', min: 1, step: 1}, integer],
  ['loop-count', {type: 'number', min: 1, step: 1}, integer],
  ['stages', {isLong: true, placeholder: '30s:100\n1m:100'}, lines],
  ['tag', {isLong: true, placeholder: 'team=shop'},
    (value) => Object.fromEntries(lines(value).map((one) => {
      const equals = one.indexOf('=');
      return equals < 0 ? [one, ''] : [one.slice(0, equals), one.slice(equals + 1)];
    }))],
];
const changeFields = [
  ['worker', {isSelect: true}, String],
  ['spawn-count', {type: 'number', min: 1, step: 1}, integer],
  ['spawn-rate', {type: 'number', min: 0, step: 'any'}, Number],
  ['rate', {type: 'number', min: 0, step: 'any'}, Number],
  ['max-rps', {type: 'number', min: 1, step: 1}, integer],
];

class Form {
  constructor(name, fields) {
    this.name = name;
    this.fields = fields.map(([key, options, parse]) => this.field(key, options, parse));
    this.buttons = [];
    this.title = h('h3');
    this.answer = h('output', {id: `${name}-answer`});
    this.row = h('div', {class: 'row'});
    this.reason = h('p', {class: 'reason', id: `${name}-reason`});
    this.element = h('form', {class: 'card', id: `${name}-form`,
      onsubmit: (event) => event.preventDefault()},
    this.title, ...this.fields.map((field) => field.label), this.row, this.reason, this.answer);
  }

  field(key, {isLong, isSelect, ...attributes}, parse) {
    const tag = isLong ? 'textarea' : isSelect ? 'select' : 'input';
    const input = h(tag, {...attributes, name: key, ...(isLong && {rows: 2})});
    const name = h('span');
    return {key, parse, input, name, label: h('label', {}, name, ' ', input)};
  }

  input(key) {
    return this.fields.find((field) => field.key === key).input;
  }

  // Only what is filled in: the master has its own defaults.
  body() {
    const filled = this.fields.filter(({input}) => input.value.trim() !== '');
    return Object.fromEntries(
      filled.map(({key, parse, input}) => [key, parse(input.value.trim())]));
  }

  button(key, isMain, run, states) {
    const button = h('button', {type: 'button', id: `button-${key}`, class: isMain ? 'main' : '',
      'aria-describedby': `${this.name}-reason`, onclick: run});
    this.buttons.push({key, button, states});
    this.row.append(button);
  }

  translate() {
    setText(this.title, t(`form_${this.name}`));
    this.fields.forEach(({key, name}) => setText(name, t(`field_${key}`)));
    this.buttons.forEach(({key, button}) => setText(button, t(`button_${key}`)));
  }

  // Buttons that the state does not allow are off, and the form says why.
  allow(state) {
    const off = this.buttons.filter(({states}) => states && !states.includes(state));
    this.buttons.forEach((one) => (one.button.disabled = off.includes(one)));
    setText(this.reason, off.length === 0 ? '' : t('not_now',
      off.map(({key}) => t(`button_${key}`)).join(', '), t(`state_${state}`)));
  }
}

export class Steering {
  constructor() {
    const idle = ['ready', 'stopped'];
    const busy = ['spawning', 'running'];
    this.start = new Form('start', startFields);
    this.start.button('start', true, () => this.begin(), idle);
    this.start.button('plan', false, () => this.preview());
    this.change = new Form('change', changeFields);
    this.change.button('rebalance', true, () =>
      act('/rebalance', this.change.body(), this.change.answer), busy);
    this.end = new Form('end', []);
    this.end.button('stop', true, () => act('/stop', {}, this.end.answer),
      [...busy, 'setup']);
    this.end.button('force', false, () => act('/stop', {force: true}, this.end.answer),
      [...busy, 'stopping', 'setup', 'teardown']);
    this.end.button('quit', false, () => this.quit());
    this.cases = h('datalist', {id: 'case-list'});
    this.start.element.append(this.cases, this.planBox());
    this.forms = [this.start, this.change, this.end];
    byId('steer-forms').append(...this.forms.map((form) => form.element));
    this.translate();
  }

  planBox() {
    const canvas = h('canvas', {id: 'chart-plan', role: 'img', tabindex: '0'});
    const axis = new TimeAxis();
    this.planChart = new LineChart(canvas, axis,
      {xText: format.seconds, yText: format.count});
    this.planAxis = axis;
    this.planCanvas = canvas;
    this.planFigure = h('figure', {hidden: true}, canvas, h('figcaption', {class: 'soft'}));
    return this.planFigure;
  }

  translate() {
    this.forms.forEach((form) => form.translate());
    this.planCanvas.setAttribute('aria-label', t('button_plan'));
    this.showWorkers(this.workers ?? []);
  }

  async begin() {
    if (this.start.element.reportValidity()) {
      await act('/start', this.start.body(), this.start.answer);
    }
  }

  async preview() {
    if (!this.start.element.reportValidity()) {
      return;
    }
    const plan = await act('/plan', this.start.body(), this.start.answer);
    this.planFigure.hidden = !plan;
    if (plan) {
      this.planChart.x = plan.points.map((point) => point.t_s);
      this.planChart.series = [{name: plan.unit, slot: 1,
        values: plan.points.map((point) => point.target)}];
      setText(this.planFigure.lastChild, t('plan_is', plan.unit,
        plan.duration_s ? format.seconds(plan.duration_s) : '∞'));
      this.planAxis.draw();
    }
  }

  async quit() {
    if (await ask(t('quit_question'), t('button_quit'))) {
      await act('/quit', {}, this.end.answer);
    }
  }

  showCases(rows) {
    this.cases.replaceChildren(...rows.map(({path}) => h('option', {value: path})));
  }

  showWorkers(rows) {
    this.workers = rows;
    const select = this.change.input('worker');
    const stamp = JSON.stringify([document.documentElement.lang, rows.map((row) => row.id)]);
    if (select.dataset.stamp !== stamp) {
      const chosen = select.value;
      select.dataset.stamp = stamp;
      select.replaceChildren(h('option', {value: ''}, t('all_workers')),
        ...rows.map((row) => h('option', {value: row.id}, row.name || row.id)));
      select.value = rows.some((row) => row.id === chosen) ? chosen : '';
    }
  }

  allow(state) {
    this.forms.forEach((form) => form.allow(state));
  }
}
