"use strict";
// Words and columns that the report and the comparison share; the figures come from figures.js.
var boom = globalThis.boom || {};
globalThis.boom = boom;

boom.texts = (() => {
    function number(value) {
        if (value === null || value === undefined) {
            return "–";
        }
        const size = Math.abs(value);
        return size >= 1e6 ? value.toExponential(2)
            : size >= 1000 ? count(value)
            : String(Number(value.toPrecision(4)));
    }
    function seconds(value) {
        if (value < 60) {
            return `${Number(value.toFixed(1))} s`;
        }
        const whole = Math.round(value);
        const pad = (n) => String(n).padStart(2, "0");
        return whole < 3600 ? `${Math.floor(whole / 60)}m${pad(whole % 60)}s`
            : `${Math.floor(whole / 3600)}h${pad(Math.floor(whole / 60) % 60)}m`;
    }
    function change(ratio) {
        const value = 100 * ratio;
        return `${value > 0 ? "+" : ""}${value.toFixed(Math.abs(value) < 9.95 ? 1 : 0)} %`;
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
