// @ts-check
// Counting, off unless the user turns it on: closed words and buckets (`events.schema.json`), kept
// in this tab's memory and shown. Nothing here is sent.

import { signal } from '../vendor/preact.js';

export const counting = signal(false);
export const counts = signal(/** @type {Record<string, number>} */ ({}));

/** @typedef {'source_added' | 'mark_added' | 'mark_disputed' | 'panel_opened' | 'model_asked' | 'room_shared' | 'postmortem_exported' | 'room_ended'} EventName */
/** @typedef {'none' | 'below_10_kb' | 'below_1_mb' | 'below_10_mb' | 'from_10_mb' | 'answer' | 'themes' | 'stacks' | 'timeline' | 'steps' | 'notes' | 'compare' | 'postmortem' | 'ask'} Bucket */

/** @param {number} bytes @returns {Bucket} */
export function sizeBucket(bytes) {
  if (bytes < 10_000) return 'below_10_kb';
  if (bytes < 1_000_000) return 'below_1_mb';
  return bytes < 10_000_000 ? 'below_10_mb' : 'from_10_mb';
}

/** @param {EventName} event @param {Bucket} [bucket] */
export function count(event, bucket = 'none') {
  if (!counting.value) return;
  const key = `${event} ${bucket}`;
  counts.value = { ...counts.value, [key]: (counts.value[key] ?? 0) + 1 };
}

/** The counts in the form of the schema. */
export const countsTold = () => ({
  schema: 'cordon.events',
  version: 1,
  counts: Object.entries(counts.value).map(([key, number]) => {
    const [event, bucket] = key.split(' ');
    return { event, bucket, count: number };
  }),
});

/** @param {boolean} on */
export function turn(on) {
  counting.value = on;
  if (!on) counts.value = {};
}
