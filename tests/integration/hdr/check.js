// check.js FILE: decodes every histogram of FILE with hdr-histogram-js and compares all figures
// with those that boom computed. Leaves with 1 at any difference.
"use strict";

const fs = require("fs");
const hdr = require("hdr-histogram-js");

let comparisons = 0;
let failures = 0;

function same(name, what, ours, theirs) {
    ++comparisons;
    if (ours !== theirs) {
        ++failures;
        console.error(`${name}: ${what}: boom says ${ours}, hdr-histogram-js says ${theirs}`);
    }
}

function bucketsOf(histogram) {
    const buckets = [];
    for (let i = 0; i < histogram.countsArrayLength; ++i) {
        const count = histogram.getCountAtIndex(i);
        if (count > 0) {
            const lowest = histogram.valueFromIndex(i);
            buckets.push([lowest, histogram.highestEquivalentValue(lowest), count]);
        }
    }
    return buckets;
}

function check(sample) {
    const name = sample.name;
    const histogram = hdr.decodeFromCompressedBase64(sample.hdr, 64);
    same(name, "digits", 3, histogram.numberOfSignificantValueDigits);
    same(name, "lowest value", 1, histogram.lowestDiscernibleValue);
    same(name, "highest value", 3600000000, histogram.highestTrackableValue);
    same(name, "count", sample.count, histogram.totalCount);
    // The format has buckets only: their exact ends are equal within a bucket.
    same(name, "minimum", histogram.lowestEquivalentValue(sample.min),
         sample.count === 0 ? 0 : histogram.getValueAtPercentile(0));
    same(name, "maximum", sample.count === 0 ? 0 : histogram.highestEquivalentValue(sample.max),
         histogram.maxValue);
    for (const [percent, value] of sample.percentiles) {
        same(name, `p${percent}`, value,
             Math.min(histogram.getValueAtPercentile(percent), sample.max));
    }
    const theirs = bucketsOf(histogram);
    same(name, "number of buckets", sample.buckets.length, theirs.length);
    sample.buckets.forEach((bucket, i) => {
        same(name, `bucket ${i}`, String(bucket), String(theirs[i]));
    });
}

const samples = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
samples.forEach(check);
console.log(`${samples.length} histograms, ${comparisons} comparisons, ${failures} differences`);
process.exit(failures === 0 && samples.length > 0 ? 0 : 1);
