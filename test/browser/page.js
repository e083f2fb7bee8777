// What the test drives: says what the chosen file is, as JSON, with the library that stands beside this page.

import * as binspect from './browser.js';

const { hash, inspect, inspectSync, toJSON } = binspect;

/** The answer of any call, or its error, as JSON. */
async function answer(work) {
  try {
    return toJSON(await work());
  } catch (error) {
    if (!binspect.isBinspectError(error)) throw error;
    const { code, message, offset, detected, path } = error;
    return toJSON({ error: { code, message, offset, detected, path } });
  }
}

const chosen = () => document.querySelector('#file').files[0];
const chosenBytes = async () => new Uint8Array(await chosen().arrayBuffer());

window.page = {
  names: Object.keys(binspect).sort(),
  inspectFile: (options) => answer(() => inspect(chosen(), options)),
  inspectBytes: (options) => answer(async () => inspect(await chosenBytes(), options)),
  inspectBytesSync: (options) => answer(async () => inspectSync(await chosenBytes(), options)),
  inspectFrameBytes: () =>
    answer(async () => {
      const frame = document.body.appendChild(document.createElement('iframe'));
      return inspect(new frame.contentWindow.Uint8Array(await chosenBytes())); // another realm's bytes: instanceof says no
    }),
  inspectPath: (path) => answer(() => inspect(path)),
  inspectUrl: (url) => answer(() => inspect(new URL(url))),
  inspectPathSync: (path) => answer(() => inspectSync(path)),
  hashFile: () => answer(() => hash(chosen())),
  hashAborted: () => answer(() => hash(chosen(), { signal: AbortSignal.abort() })),
  progressOf: async () => {
    const steps = [];
    await hash(chosen(), { onProgress: (done, total) => steps.push([done, total]) });
    return JSON.stringify(steps);
  },
};
