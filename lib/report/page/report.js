"use strict";
// The report of one run, from the result file (without histograms, with curves) in the page.
var boom = globalThis.boom || {};
globalThis.boom = boom;

boom.report = (() => {
    const {make, section, tile, table, stepTable} = boom.tables;
    const t = boom.texts;

    function tiles(result) {
        const total = result.total;
        const times = total.response_time_us;
        const time = (key) => (times.count > 0 ? t.time(times[key]) : "-");
        return make("div", "tiles",
            tile("requests, whole run", t.count(total.requests)),
            tile("failed, whole run",
                `${t.count(total.failures)} (${t.percent(total.error_ratio)})`,
                total.failures > 0 ? "bad" : "good"),
            tile("requests per second, whole run", t.rate(total.rps)),
            ...["p50", "p95", "p99", "max"].map(
                (key) => tile(`${key}, whole run`, time(key))),
            tile("duration", t.seconds(result.run.duration_s)),
            tile("workers", String(result.workers.length)));
    }
    // Charts over the time of the run. `marks` are its events.
    function timeCharts(parent, result) {
        // A last row of some milliseconds, in which the last answers came, is no rate to be drawn.
        const last = result.timeline.at(-1);
        const isStub = result.timeline.length > 1 && result.run.state !== "running" &&
            result.run.duration_s - last.t_s < 0.5;
        const rows = isStub ? result.timeline.slice(0, -1) : result.timeline;
        const x = rows.map((r) => r.t_s);
        const marks = result.events.filter((e) => e.kind !== "start")
            .map((e) => ({x: e.t_s, text: `${e.kind} ${e.worker} ${e.text}`}));
        const pick = (key) => rows.map((r) => r[key]);
        const times = (key) => rows.map((r) => (r.rps > 0 ? r[key] : null));
        const lengths = rows.map((r, i) => (i + 1 < rows.length ? rows[i + 1].t_s - r.t_s
            : Math.max(1, result.run.duration_s - r.t_s)));
        const perSecond = (key) => rows.map((r, i) => r[key] / lengths[i]);
        const chart = (title, series, showY) => {
            const node = parent.appendChild(make("div"));
            boom.charts.line(node, {title, x, series, showX: t.seconds, showY, marks});
        };
        chart("Requests per second", [{name: "requests/s", values: pick("rps")}], t.number);
        chart("Users", [{name: "users", values: pick("users")},
            {name: "asked for", values: pick("target_users"), kind: 8}], t.number);
        chart("Response times", [
            {name: "p50", values: times("p50_us")}, {name: "p95", values: times("p95_us")},
            {name: "p99", values: times("p99_us")}], t.time);
        chart("Failures per second",
            [{name: "failures/s", values: perSecond("failures"), kind: 4}], t.number);
        chart("Bytes received per second",
            [{name: "bytes/s", values: perSecond("bytes_received"), kind: 5}], t.bytes);
    }
    const MOST_CURVES = 6;
    const HOT_PERCENT = 90;  // of a worker's CPU: its measurements are suspect
    function curveChart(parent, result) {
        const steps = result.steps
            .filter((s) => s.type === "request" && s.response_time_us.count > 0)
            .sort((a, b) => b.requests - a.requests).slice(0, MOST_CURVES);
        const curves = [{name: "Total", kind: 8, points: result.total.response_time_us.curve},
            ...steps.map((s, i) => ({name: s.name, kind: i + 1,
                points: s.response_time_us.curve}))].filter((c) => c.points && c.points.length);
        if (curves.length > 0) {
            const node = parent.appendChild(make("div"));
            boom.charts.percentiles(node, "Response time by percentile", curves);
        }
    }
    // Sources are asked at times of their own: each figure holds until the next one is due.
    function held(points, x) {
        const steps = points.slice(1).map((p, i) => p[0] - points[i][0]).sort((a, b) => a - b);
        const longest = 1.8 * (steps.length ? steps[steps.length >> 1] : 1);
        let i = -1;
        return x.map((at) => {
            while (i + 1 < points.length && points[i + 1][0] <= at) {
                ++i;
            }
            return i >= 0 && at - points[i][0] <= longest ? points[i][1] : null;
        });
    }
    function monitorCharts(parent, result) {
        const groups = new Map();
        for (const series of result.monitor || []) {
            groups.set(series.name, [...(groups.get(series.name) || []), series]);
        }
        for (const [name, list] of groups) {
            const x = [...new Set(list.flatMap((s) => s.points.map((p) => p[0])))]
                .sort((a, b) => a - b);
            const node = parent.appendChild(make("div"));
            const show = list[0].unit === "bytes/s" || list[0].unit === "bytes" ? t.bytes
                : list[0].unit === "ratio" ? t.percent : t.number;
            // The axis says what a share and an amount of bytes are.
            const unit = ["", "ratio", "bytes", "bytes/s"].includes(list[0].unit) ? ""
                : ` (${list[0].unit})`;
            const perSecond = list[0].unit === "bytes/s" ? " per second" : "";
            boom.charts.line(node, {title: `${name}${perSecond}${unit}`, x,
                showX: t.seconds, showY: show,
                series: list.map((s) => ({name: s.source, values: held(s.points, x)}))});
        }
    }
    function thresholds(parent, result) {
        if (result.thresholds.length === 0) {
            return;
        }
        section(parent, "Thresholds", table([
            {title: "threshold", isText: true, value: (r) => r.expr},
            {title: "observed", value: (r) => (r.observed === null ? "no data"
                : `${t.number(r.observed)} ${r.unit}`)},
            {title: "verdict", value: (r) => (r.passed ? "passed" : "failed")},
        ], result.thresholds, (r) => (r.passed ? "good" : "bad")));
    }
    function parts(parent, result) {
        for (const [title, steps] of [["Setup of the run", result.setup],
            ["Teardown of the run", result.teardown]]) {
            if (steps) {
                section(parent, title, table([
                    {title: "step", isText: true, value: (r) => r.name},
                    {title: "case", isText: true, value: (r) => r.case},
                    {title: "status", value: (r) => r.status || ""},
                    {title: "time, ms", value: (r) => t.number(r.time_us / 1000)},
                    {title: "outcome", isText: true, value: (r) => r.message
                        ? `${r.outcome}: ${r.message}` : r.outcome},
                ], steps, (r) => (r.outcome === "passed" ? "good" : "bad")));
            }
        }
    }
    function errors(parent, result) {
        if (result.errors.length === 0) {
            return;
        }
        const all = result.errors.reduce((sum, e) => sum + e.count, 0);
        const workers = (e) => e.workers.map((w) => `${w.id} (${w.count})`).join(", ") +
            (e.more_workers > 0 ? ` and ${e.more_workers} more` : "");
        section(parent, "Errors", table([
            {title: "class", isText: true, value: (e) => e.class},
            {title: "step", isText: true, value: (e) => e.step},
            {title: "message", isText: true, value: (e) => e.message},
            {title: "count", value: (e) => e.count, show: t.count},
            {title: "share", value: (e) => e.count / all, show: t.percent},
            {title: "first", value: (e) => e.first_s, show: t.seconds},
            {title: "last", value: (e) => e.last_s, show: t.seconds},
            {title: "p50", value: (e) => e.time_us.p50, show: t.time, help: "until it failed"},
            ...(result.errors.some((e) => e.workers.length > 0)
                ? [{title: "workers", isText: true, value: workers}] : []),
        ], result.errors));
    }
    // Those that were lost, then the busiest.
    function workersByLoad(result) {
        return [...result.workers].sort((a, b) => b.lost - a.lost ||
            b.cpu_percent_max - a.cpu_percent_max);
    }
    function workers(parent, result) {
        section(parent, "Workers", table([
            {title: "worker", isText: true, value: (w) => w.name || w.id},
            {title: "room", isText: true, value: (w) => w.room},
            {title: "users", value: (w) => w.users_peak, show: t.count},
            {title: "requests", value: (w) => w.requests, show: t.count},
            {title: "failed", value: (w) => w.failures, show: t.count},
            {title: "cpu", value: (w) => w.cpu_percent_max / 100, show: t.percent,
                help: "of one core, at most"},
            {title: "late p99", value: (w) => w.lateness_p99_us, show: t.time,
                help: "release minus due time"},
            {title: "", isText: true, value: (w) => (w.lost ? "lost" : "")},
        ], workersByLoad(result), (w) => (w.lost ? "bad" : w.cpu_percent_max >= HOT_PERCENT ?
            "warning" : "")));
    }
    function health(parent, result) {
        const h = result.health, i = result.iterations, c = result.connections;
        const line = (...parts) => make("p", "", ...parts);
        section(parent, "Health",
            line(h.limited_by ? make("b", "warning", `limited by ${h.limited_by}`)
                : "not limited by the generator",
            `; asked for ${t.number(h.asked)}, reached ${t.number(h.reached)}`,
            `; released late by p99 ${t.time(h.lateness_us.p99)}`),
            line(`iterations: ${t.count(i.started)} started, ${t.count(i.finished)} finished, ` +
                `${t.count(i.failed)} failed, ${t.count(i.interrupted)} interrupted, ` +
                `${t.count(i.dropped)} dropped`),
            line(`transactions: ${t.count(result.transactions.passed)} passed, ` +
                `${t.count(result.transactions.failed)} failed`),
            line(`connections: ${t.count(c.opened)} opened, ${t.count(c.reused)} reused, ` +
                `${t.count(c.failed)} failed; ${t.count(c.exchanges)} exchanges`));
    }
    function events(parent, result) {
        if (result.events.length > 0) {
            section(parent, "Events", table([
                {title: "at", value: (e) => e.t_s, show: t.seconds},
                {title: "what", isText: true, value: (e) => e.kind},
                {title: "", isText: true, value: (e) => e.text},
                {title: "worker", isText: true, value: (e) => e.worker},
            ], result.events));
        }
    }
    function profile(parent, result) {
        const rows = [...Object.entries(result.run.profile),
            ...Object.entries(result.run.tags).map(([k, v]) => [`tag ${k}`, v]),
            ...result.run.cases.map((c) => [`case ${c.name}`, `${c.path}  sha256 ${c.sha256}`]),
            ["started at", result.run.started_at], ["boom", result.version]];
        section(parent, "Profile", table([
            {title: "key", isText: true, value: (r) => r[0]},
            {title: "value", isText: true,
                value: (r) => (Array.isArray(r[1]) ? r[1].join(", ") : String(r[1]))},
        ], rows));
    }
    function render(parent, result) {
        parent.replaceChildren(tiles(result));
        for (const text of [...result.run.notes, ...(result.advice || [])]) {
            parent.appendChild(make("p", "warning", text));
        }
        parts(parent, result);
        thresholds(parent, result);
        const charts = make("div", "charts");
        section(parent, "Over time", charts);
        timeCharts(charts, result);
        curveChart(charts, result);
        monitorCharts(charts, result);
        section(parent, "Steps", stepTable(result.steps, result.total));
        if (result.stages.length > 0) {
            section(parent, "Stages", stepTable(result.stages.map((s) => ({...s.total,
                name: `${s.name} (${t.seconds(s.from_s)} to ${t.seconds(s.to_s)})`, method: ""})),
            null, "stage"));
        }
        errors(parent, result);
        workers(parent, result);
        health(parent, result);
        events(parent, result);
        profile(parent, result);
    }
    return {render, tiles, timeCharts, curveChart, monitorCharts};
})();
