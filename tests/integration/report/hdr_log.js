// hdr_log.js LOG RESULT: reads LOG line by line with hdr-histogram-js and compares the sums of its
// intervals, for the total and each tag, with the figures of RESULT. Leaves with 1 at a difference.
"use strict";

const fs = require("fs");
const hdr = require("hdr-histogram-js");

const [logPath, resultPath] = process.argv.slice(2);
const reader = new hdr.HistogramLogReader(fs.readFileSync(logPath, "utf8"));
const sums = new Map();
let lines = 0;
for (let one = reader.nextIntervalHistogram(); one; one = reader.nextIntervalHistogram()) {
    const tag = !one.tag || one.tag === "NO TAG" ? "" : one.tag;
    if (!sums.has(tag)) {
        sums.set(tag, hdr.build({lowestDiscernibleValue: 1, highestTrackableValue: 3600000000,
            numberOfSignificantValueDigits: 3}));
    }
    sums.get(tag).add(one);
    ++lines;
}
const result = JSON.parse(fs.readFileSync(resultPath, "utf8"));
let failures = 0;
function same(name, what, ours, theirs) {
    if (ours !== theirs) {
        ++failures;
        console.error(`${name}: ${what}: boom says ${ours}, hdr-histogram-js says ${theirs}`);
    }
}
for (const step of [{...result.total, name: ""}, ...result.steps]) {
    const times = step.response_time_us;
    const sum = sums.get(step.name.replace(/[\x00-\x20,"]/g, "_"));
    same(step.name, "samples", times.count, sum ? sum.totalCount : 0);
    for (const [key, percent] of [["p50", 50], ["p90", 90], ["p99", 99], ["p999", 99.9]]) {
        if (sum) {
            same(step.name, key, times[key], Math.min(sum.getValueAtPercentile(percent),
                times.max));
        }
    }
}
console.log(`${lines} lines, ${sums.size} histograms, ${failures} differences`);
process.exit(failures === 0 && lines > 0 ? 0 : 1);
