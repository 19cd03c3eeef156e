"use strict";
// Figures and words as people read them: shared by the report, the comparison and the dashboard.
var boom = globalThis.boom || {};
globalThis.boom = boom;

boom.texts = (() => {
    const fixed = (value, digits) => value.toFixed(digits);
    function scaled(value, unit) {
        const digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
        return `${fixed(value, digits)} ${unit}`;
    }
    // Microseconds. Nothing measured is a dash and never a zero.
    function time(us) {
        if (us === null || us === undefined || Number.isNaN(us)) {
            return "-";
        }
        if (us < 1000) {
            return `${fixed(us, 0)} \u00b5s`;
        }
        return us < 1e6 ? scaled(us / 1e3, "ms") : scaled(us / 1e6, "s");
    }
    function bytes(value) {
        const units = ["B", "kB", "MB", "GB", "TB"];
        let unit = 0;
        while (value >= 999.5 && unit + 1 < units.length) {
            value /= 1000;
            ++unit;
        }
        return `${fixed(value, unit === 0 || value >= 99.95 ? 0 : 1)} ${units[unit]}`;
    }
    function percent(ratio) {
        const value = 100 * ratio;
        if (value > 0 && value < 0.1) {
            return "<0.1 %";
        }
        return value < 100 && value > 99.9 ? ">99.9 %" : `${fixed(value, 1)} %`;
    }
    const count = (value) => Math.round(value).toLocaleString("en").replaceAll(",", "\u202f");
    function number(value) {
        if (value === null || value === undefined) {
            return "-";
        }
        const size = Math.abs(value);
        return size >= 1e6 ? value.toExponential(2)
            : size >= 1000 ? count(value)
            : String(Number(value.toPrecision(4)));
    }
    const rate = (value) => (value < 999.95 ? fixed(value, 1) : count(value));
    function seconds(value) {
        if (value < 60) {
            return `${Number(fixed(value, 1))} s`;
        }
        const whole = Math.round(value);
        const pad = (n) => String(n).padStart(2, "0");
        return whole < 3600 ? `${Math.floor(whole / 60)}m${pad(whole % 60)}s`
            : `${Math.floor(whole / 3600)}h${pad(Math.floor(whole / 60) % 60)}m`;
    }
    function change(ratio) {
        const value = 100 * ratio;
        return `${value > 0 ? "+" : ""}${fixed(value, Math.abs(value) < 9.95 ? 1 : 0)} %`;
    }
    // The columns of a table of steps: title, how to read the cell, what it explains.
    const DIST = (key) => (step) => {
        const times = step.response_time_us;
        return times.count > 0 ? times[key] : null;
    };
    const stepColumns = [
        {title: "requests", value: (s) => s.requests, show: count, help: "finished requests"},
        {title: "failed", value: (s) => s.failures, show: count, help: "of the requests"},
        {title: "failed %", value: (s) => s.error_ratio, show: percent, help: "share that failed"},
        {title: "req/s", value: (s) => s.rps, show: rate, help: "over the measured time"},
        {title: "mean", value: DIST("mean"), show: time, help: "response time, from the due time"},
        {title: "p50", value: DIST("p50"), show: time, help: "half were faster"},
        {title: "p90", value: DIST("p90"), show: time, help: "9 of 10 were faster"},
        {title: "p95", value: DIST("p95"), show: time, help: "19 of 20 were faster"},
        {title: "p99", value: DIST("p99"), show: time, help: "99 of 100 were faster"},
        {title: "p99.9", value: DIST("p999"), show: time, help: "999 of 1000 were faster"},
        {title: "max", value: DIST("max"), show: time, help: "the slowest"},
        {title: "received", value: (s) => s.bytes_received, show: bytes, help: "bytes received"},
    ];
    return {time, bytes, percent, count, number, rate, seconds, change, stepColumns};
})();
