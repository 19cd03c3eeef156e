// What the API gives as a file or a page of its own.
import * as api from '/page/api.js';
import {h, setText} from '/page/dom.js';

// A download needs the token in a header, so a link alone will not do.
export async function download(path, name, answer) {
  try {
    const file = await api.request('GET', path);
    const url = URL.createObjectURL(await file.blob());
    h('a', {href: url, download: name}).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    setText(answer, '');
  } catch (error) {
    setText(answer, error.message);
  }
}

// A token cannot travel with a link: then it comes as a file.
export function show(path, name, answer) {
  if (api.token.value()) {
    download(path, name, answer);
  } else {
    open(path, '_blank', 'noopener');
  }
}
