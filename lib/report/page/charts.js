"use strict";
// Charts without a library: SVG that fits its box, prints, and tells its figures under the pointer.
// boom.charts.line(element, options) draws anew each time; options:
//   title, x: [numbers], series: [{name, values: [number|null], kind}], showX, showY, yMin,
//   marks: [{x, text}]. `kind` picks the colour (1…8); null values are gaps.
var boom = globalThis.boom || {};
globalThis.boom = boom;

boom.charts = (() => {
    const NS = "http://www.w3.org/2000/svg";
    const WIDTH = 640, HEIGHT = 240;
    const BOX = {left: 62, right: 12, top: 12, bottom: 26};
    const MOST_POINTS = 1200;  // more than pixels help nobody and make the page heavy

    function element(name, attributes, parent, text) {
        const node = document.createElementNS(NS, name);
        for (const [key, value] of Object.entries(attributes || {})) {
            node.setAttribute(key, value);
        }
        if (text !== undefined) {
            node.textContent = text;
        }
        if (parent) {
            parent.appendChild(node);
        }
        return node;
    }
    // Keeps the extremes of each bucket, so that no peak is lost.
    function thin(x, values) {
        const points = [];
        const bucket = Math.max(1, Math.ceil(2 * x.length / MOST_POINTS));
        for (let begin = 0; begin < x.length; begin += bucket) {
            let least = -1, most = -1, gap = -1;
            for (let i = begin; i < Math.min(begin + bucket, x.length); ++i) {
                if (values[i] === null || values[i] === undefined) {
                    gap = i;
                    continue;
                }
                least = least < 0 || values[i] < values[least] ? i : least;
                most = most < 0 || values[i] > values[most] ? i : most;
            }
            const picks = least < 0 ? [gap] : least === most ? [least]
                : [Math.min(least, most), Math.max(least, most)];
            picks.forEach((i) => points.push([x[i], values[i] === undefined ? null : values[i]]));
        }
        return points;
    }
    function scales(options) {
        const all = options.series.flatMap((s) => s.values.filter((v) => Number.isFinite(v)));
        const low = options.yMin === undefined ? Math.min(0, ...minOf(all)) : options.yMin;
        const most = Math.max(low, ...maxOf(all));
        const high = most > low ? most : low + 1;
        const first = options.x.length ? options.x[0] : 0;
        const last = options.x.length ? options.x[options.x.length - 1] : 1;
        const top = low + (high - low) * 1.05;
        return {
            low, top, first, last,
            x: (v) => BOX.left + (v - first) / (last - first || 1) *
                (WIDTH - BOX.left - BOX.right),
            y: (v) => HEIGHT - BOX.bottom - (v - low) / (top - low || 1) *
                (HEIGHT - BOX.top - BOX.bottom),
        };
    }
    // Without spreading a long list into arguments.
    const minOf = (list) => (list.length ? [list.reduce((a, b) => Math.min(a, b))] : []);
    const maxOf = (list) => (list.length ? [list.reduce((a, b) => Math.max(a, b))] : []);

    function drawAxes(svg, options, scale) {
        for (const value of niceSteps(scale.low, scale.top, 4)) {
            const y = scale.y(value);
            element("line", {x1: BOX.left, x2: WIDTH - BOX.right, y1: y, y2: y, class: "grid"},
                svg);
            element("text", {x: BOX.left - 6, y: y + 4, "text-anchor": "end"}, svg,
                options.showY(value));
        }
        for (const value of options.xTicks || niceSteps(scale.first, scale.last, 6)) {
            element("text", {x: scale.x(value), y: HEIGHT - 8, "text-anchor": "middle"}, svg,
                options.showX(value));
        }
    }
    function drawMarks(svg, options, scale) {
        for (const mark of options.marks || []) {
            if (mark.x < scale.first || mark.x > scale.last) {
                continue;
            }
            const x = scale.x(mark.x);
            const line = element("line", {x1: x, x2: x, y1: BOX.top, y2: HEIGHT - BOX.bottom,
                class: "mark"}, svg);
            element("title", {}, line, mark.text);
        }
    }
    function path(points, scale) {
        let text = "", isOpen = false, alone = null;
        for (const [x, y] of points) {
            if (y === null || !Number.isFinite(y)) {
                isOpen = false;
                continue;
            }
            alone = isOpen ? null : [x, y];
            text += `${isOpen ? "L" : "M"}${scale.x(x).toFixed(1)} ${scale.y(y).toFixed(1)}`;
            isOpen = true;
        }
        // One point alone would not be seen.
        return alone ? `${text}h1` : text;
    }
    function nearest(x, wanted) {
        let low = 0, high = x.length - 1;
        while (high - low > 1) {
            const middle = (low + high) >> 1;
            if (x[middle] < wanted) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return wanted - x[low] < x[high] - wanted ? low : high;
    }
    function addPointer(svg, readout, options, scale) {
        const line = element("line", {y1: BOX.top, y2: HEIGHT - BOX.bottom, class: "pointer",
            visibility: "hidden"}, svg);
        function move(event) {
            const box = svg.getBoundingClientRect();
            const inside = (event.clientX - box.left) / box.width * WIDTH;
            const share = (inside - BOX.left) / (WIDTH - BOX.left - BOX.right);
            const i = nearest(options.x, scale.first + share * (scale.last - scale.first));
            const x = scale.x(options.x[i]);
            line.setAttribute("x1", x);
            line.setAttribute("x2", x);
            line.setAttribute("visibility", "visible");
            const parts = options.series.map((s) => `${s.name} ${Number.isFinite(s.values[i])
                ? options.showY(s.values[i]) : "-"}`);
            readout.textContent = `${options.showX(options.x[i])}: ${parts.join(", ")}`;
        }
        svg.addEventListener("pointermove", move);
        svg.addEventListener("pointerleave", () => {
            line.setAttribute("visibility", "hidden");
            readout.textContent = "";
        });
    }
    function legend(parent, series) {
        const list = document.createElement("div");
        list.className = "legend";
        series.forEach((one, i) => {
            const item = document.createElement("span");
            const swatch = document.createElement("i");
            swatch.className = `fill${one.kind || i + 1}`;
            item.append(swatch, one.name);
            list.appendChild(item);
        });
        parent.appendChild(list);
    }
    function line(target, given) {
        const options = {showX: String, showY: String, ...given};
        target.replaceChildren();
        target.classList.add("chart");
        const title = document.createElement("h3");
        title.textContent = options.title;
        target.appendChild(title);
        const scale = scales(options);
        const svg = element("svg", {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img",
            "aria-label": options.title}, target);
        drawAxes(svg, options, scale);
        drawMarks(svg, options, scale);
        options.series.forEach((one, i) => {
            element("path", {d: path(thin(options.x, one.values), scale),
                class: `line${one.kind || i + 1}`}, svg);
        });
        legend(target, options.series);
        const readout = document.createElement("div");
        readout.className = "readout";
        target.appendChild(readout);
        if (options.x.length > 0) {
            addPointer(svg, readout, options, scale);
        }
    }
    // Where a percentile stands on an axis that shows the tail: 0, 90, 99, 99.9 … evenly apart.
    const tail = (percentile) => -Math.log10(1 - Math.min(percentile, 99.9999) / 100);
    const fromTail = (x) => 100 * (1 - Math.pow(10, -x));
    const TAIL_TICKS = [50, 90, 99, 99.9, 99.99].map(tail);
    // curves: [{name, kind, points: [[percentile, µs]…]}], all over the same percentiles.
    function percentiles(target, title, curves) {
        const x = curves.length ? curves[0].points.map((p) => tail(p[0])) : [];
        const last = x.length ? x[x.length - 1] : 1;
        line(target, {
            title, x, xTicks: TAIL_TICKS.filter((t) => t <= last + 1e-9),
            series: curves.map((c) => ({name: c.name, kind: c.kind,
                values: c.points.map((p) => p[1])})),
            showX: (v) => `p${Number(fromTail(v).toFixed(3))}`, showY: boom.texts.time});
    }
    return {line, percentiles, thin};
})();
