"use strict";
// Building blocks of pages: elements, tables that sort, tiles. Texts are set as text, never as
// markup: whatever a tested system answers cannot become part of the page.
var boom = globalThis.boom || {};
globalThis.boom = boom;

boom.tables = (() => {
    function make(name, className, ...children) {
        const node = document.createElement(name);
        if (className) {
            node.className = className;
        }
        node.append(...children.filter((c) => c !== null && c !== undefined));
        return node;
    }
    function section(parent, title, ...children) {
        const node = make("section", "", make("h2", "", title), ...children);
        parent.appendChild(node);
        return node;
    }
    function tile(title, value, className) {
        return make("div", "tile", make("span", "faint", title),
            make("b", className || "", value));
    }
    // columns: [{title, value(row), show(value), isText, help}]; rows: any; `mark(row)`: class.
    function table(columns, rows, mark) {
        const body = make("tbody");
        function fill(ordered) {
            body.replaceChildren(...ordered.map((row) => make("tr", mark ? mark(row) : "",
                ...columns.map((column) => {
                    const value = column.value(row);
                    const text = value === null || value === undefined ? "-"
                        : column.show ? column.show(value) : String(value);
                    return make("td", column.isText ? "text" : "", text);
                }))));
        }
        let sorted = -1, sign = -1;
        const head = make("tr", "", ...columns.map((column, i) => {
            const cell = make("th", "sortable" + (column.isText ? " text" : ""), column.title);
            cell.title = column.help || "";
            cell.addEventListener("click", () => {
                sign = sorted === i ? -sign : column.isText ? 1 : -1;
                sorted = i;
                const key = (row) => column.value(row) ?? -Infinity;
                const order = (a, b) => (key(a) < key(b) ? -sign : key(a) > key(b) ? sign : 0);
                fill([...rows].sort(order));
            });
            return cell;
        }));
        fill(rows);
        return make("div", "scroll", make("table", "", make("thead", "", head), body));
    }
    function stepTable(steps, total, firstTitle) {
        const name = {title: firstTitle || "step", isText: true,
            value: (s) => s.method ? `${s.name}  (${s.method})` : s.name};
        const columns = [name, ...boom.texts.stepColumns];
        const node = table(columns, steps, (s) => (s.failures > 0 ? "bad" : ""));
        if (total) {
            const foot = make("tfoot", "", make("tr", "total", ...columns.map((column, i) => {
                const value = i === 0 ? "Total" : column.value(total);
                return make("td", "", i === 0 ? value : value === null ? "-" : column.show(value));
            })));
            node.querySelector("table").appendChild(foot);
        }
        return node;
    }
    return {make, section, tile, table, stepTable};
})();
