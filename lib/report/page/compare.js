"use strict";
// Runs side by side: tables with changes, and their charts over each other.
var boom = globalThis.boom || {};
globalThis.boom = boom;

boom.compare = (() => {
    const {make, section, table} = boom.tables;
    const t = boom.texts;
    const label = (i, run) => `${i === 0 ? "base" : `run ${i + 1}`} (${run.file})`;
    const shows = {us: t.time, ratio: t.percent, per_second: t.rate};

    function stepTable(step, runs) {
        const columns = [{title: "figure", isText: true, value: (f) => f.name}];
        runs.forEach((run, i) => {
            columns.push({title: i === 0 ? "base" : `run ${i + 1}`, help: run.file,
                value: (f) => (f.runs[i].value === null ? null
                    : shows[f.unit](f.runs[i].value))});
            if (i > 0) {
                columns.push({title: "change", help: "~ is not more than chance explains",
                    value: (f) => (f.runs[i].relative === null ? ""
                        : t.change(f.runs[i].relative) + (f.runs[i].significant ? "" : " ~"))});
                columns.push({title: "", isText: true,
                    value: (f) => (f.runs[i].verdict === "same" ? "" : f.runs[i].verdict)});
            }
        });
        const has = (f, verdict) => f.runs.some((r) => r.verdict === verdict);
        return table(columns, step.figures,
            (f) => (has(f, "worse") ? "bad" : has(f, "better") ? "good" : ""));
    }
    function overlay(parent, title, data, key, showY) {
        const x = [...new Set(data.results.flatMap((r) => r.timeline.map((row) => row.t_s)))]
            .sort((a, b) => a - b);
        const series = data.results.map((result, i) => {
            const at = new Map(result.timeline.map((row) => [row.t_s,
                key.endsWith("_us") && row.rps === 0 ? null : row[key]]));
            return {name: label(i, data.runs[i]), kind: i % 8 + 1,
                values: x.map((v) => at.get(v) ?? null)};
        });
        boom.charts.line(parent.appendChild(make("div")),
            {title, x, series, showX: t.seconds, showY});
    }
    function render(parent, data) {
        parent.replaceChildren();
        for (const text of data.warnings) {
            parent.appendChild(make("p", "warning", text));
        }
        section(parent, "Runs", table([
            {title: "run", isText: true, value: (r) => label(data.runs.indexOf(r), r)},
            {title: "id", isText: true, value: (r) => r.id},
            {title: "started at", isText: true, value: (r) => r.started_at},
            {title: "duration", value: (r) => r.duration_s, show: t.seconds},
            {title: "verdict", value: (r) => r.verdict},
        ], data.runs));
        const charts = make("div", "charts");
        section(parent, "Over time", charts);
        overlay(charts, "Requests per second", data, "rps", t.number);
        overlay(charts, "p50", data, "p50_us", t.time);
        overlay(charts, "p95", data, "p95_us", t.time);
        overlay(charts, "Users", data, "users", t.number);
        const curves = data.results.map((r, i) => ({name: label(i, data.runs[i]),
            kind: i % 8 + 1, points: r.total.response_time_us.curve}))
            .filter((c) => c.points.length > 0);
        if (curves.length > 0) {
            boom.charts.percentiles(charts.appendChild(make("div")),
                "Response time by percentile", curves);
        }
        for (const step of [...data.steps].reverse()) {
            section(parent, step.method ? `${step.name}  (${step.method})` : step.name,
                stepTable(step, data.runs));
        }
    }
    return {render};
})();
