// Tables that sort and filter, and keep place, focus and order while their figures change.
import {h, setText} from '/page/dom.js';
import {t} from '/page/texts.js';

// columns: [{key, value(row), show(value, row), isText, sortsDown, element(row)}], in order;
// titles are texts of "column_<key>". `rank` puts rows on top until a column is chosen.
export class Table {
  constructor(parent, name, columns, options = {}) {
    this.parent = parent;
    this.name = name;
    this.columns = columns;
    this.options = options;
    this.rows = [];
    this.sort = null;
    this.filter = '';
    this.build();
  }

  build() {
    this.heads = this.columns.map((column, i) => {
      const button = h('button', {type: 'button', onclick: () => this.sortBy(i)});
      return {button, cell: h('th', {scope: 'col', class: column.isText ? '' : 'number'}, button)};
    });
    this.body = h('tbody');
    this.title = h('h3', {id: `title-${this.name}`});
    this.note = h('span', {class: 'soft'});
    this.filterBox = h('input', {
      type: 'search',
      oninput: (event) => {
        this.filter = event.target.value.toLowerCase();
        this.draw();
      },
    });
    const region = {class: 'scroll', tabindex: '0', role: 'region',
      'aria-labelledby': `title-${this.name}`};
    this.parent.replaceChildren(h('div', {class: 'card'},
      h('div', {class: 'head'}, this.title, this.note, this.options.hasFilter && this.filterBox),
      h('div', region, h('table', {id: this.name},
        h('thead', {}, h('tr', {}, ...this.heads.map((head) => head.cell))), this.body))));
    this.translate();
  }

  translate() {
    setText(this.title, t(`table_${this.name}`));
    setText(this.note, this.options.note ? t(this.options.note) : '');
    this.filterBox.placeholder = t('filter');
    this.filterBox.setAttribute('aria-label', `${t('filter')}: ${t(`table_${this.name}`)}`);
    this.draw();
  }

  sortBy(index) {
    const isSame = this.sort?.index === index;
    const isDown = isSame ? !this.sort.isDown : !this.columns[index].isText;
    this.sort = {index, isDown};
    this.draw();
  }

  update(rows) {
    this.rows = rows;
    this.draw();
  }

  ordered() {
    const texts = this.columns.filter((column) => column.isText);
    const found = this.rows.filter((row) => !this.filter || row.isTotal ||
      texts.some((column) => String(column.value(row)).toLowerCase().includes(this.filter)));
    if (this.sort) {
      const {value} = this.columns[this.sort.index];
      const sign = this.sort.isDown ? -1 : 1;
      found.sort((a, b) => sign * compare(value(a), value(b)));
    } else if (this.options.rank) {
      found.sort((a, b) => this.options.rank(b) - this.options.rank(a));
    }
    return found.sort((a, b) => Number(a.isTotal ?? false) - Number(b.isTotal ?? false));
  }

  draw() {
    this.heads.forEach(({button, cell}, i) => {
      const isSorted = this.sort?.index === i;
      const arrow = !isSorted ? '' : this.sort.isDown ? ' ▼' : ' ▲';
      setText(button, t(`column_${this.columns[i].key}`) + (this.columns[i].suffix ?? '') + arrow);
      cell.setAttribute('aria-sort',
        isSorted ? (this.sort.isDown ? 'descending' : 'ascending') : 'none');
    });
    const rows = this.ordered();
    while (this.body.rows.length > Math.max(1, rows.length)) {
      this.body.deleteRow(-1);
    }
    if (rows.length === 0) {
      this.body.replaceChildren(h('tr', {}, h('td', {colspan: this.columns.length, class: 'soft'},
        t(this.options.empty ?? 'nothing_yet'))));
      return;
    }
    rows.forEach((row, i) => this.drawRow(row, i));
  }

  drawRow(row, index) {
    let line = this.body.rows[index];
    if (!line || line.cells.length !== this.columns.length) {
      const fresh = h('tr', {}, ...this.columns.map((column) =>
        h('td', {class: column.isText ? 'text' : 'number'})));
      if (line) {
        line.replaceWith(fresh);
      } else {
        this.body.append(fresh);
      }
      line = fresh;
    }
    line.className = row.isTotal ? 'total' : '';
    this.columns.forEach((column, i) => {
      const cell = line.cells[i];
      if (column.element) {
        this.drawElement(cell, column, row);
        return;
      }
      const value = column.value(row);
      setText(cell, column.show ? column.show(value, row) : value ?? '');
      if (!column.isText) {
        cell.dataset.value = value ?? '';
      }
      if (column.tone) {
        cell.className = `${column.isText ? 'text' : 'number'} ${column.tone(value, row)}`;
      }
    });
  }

  // Elements stay while what they are made from stays: a button must not vanish under the finger.
  drawElement(cell, column, row) {
    const stamp = `${document.documentElement.lang} ${column.stamp(row)}`;
    if (cell.dataset.stamp !== stamp) {
      cell.dataset.stamp = stamp;
      cell.replaceChildren(column.element(row));
    }
  }
}

function compare(a, b) {
  if (typeof a === 'number' && typeof b === 'number') {
    return a - b;
  }
  return String(a ?? '').localeCompare(String(b ?? ''));
}
