// Calls of the public API, and the event stream. The token lives in this tab only and travels in
// a header, never in a URL.

const kToken = 'boom-token';
const kRetryMs = 1000;

export const token = {
  value: () => sessionStorage.getItem(kToken) ?? '',
  set: (text) => (text ? sessionStorage.setItem(kToken, text) : sessionStorage.removeItem(kToken)),
};

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export async function request(method, path, body, headers) {
  const secret = token.value();
  const answer = await fetch(path, {
    method,
    headers: {
      ...(secret && {Authorization: `Bearer ${secret}`}),
      ...(body && {'Content-Type': 'application/json'}),
      ...headers,
    },
    body: body && JSON.stringify(body),
    cache: 'no-store',
  });
  if (!answer.ok) {
    throw new ApiError(answer.status, await messageOf(answer));
  }
  return answer;
}

async function messageOf(answer) {
  const text = await answer.text();
  try {
    return JSON.parse(text).message ?? text;
  } catch {
    return text || `HTTP ${answer.status}`;
  }
}

// The `data` of an answer in the reference's form.
export async function data(path) {
  return (await (await request('GET', path)).json()).data;
}

export async function stats() {
  return (await request('GET', '/stats?brief=1')).json();
}

// Answers {code, message, data}; a code other than 0 is the caller's to show.
export async function command(path, body) {
  return (await request('POST', path, body ?? {})).json();
}

// Follows /events for ever. `take(kind, data)` gets every message once; `status(text)` is told
// "open", "closed" or "denied".
export async function follow(take, status) {
  let lastId = '';
  while (true) {
    try {
      const headers = lastId ? {'Last-Event-ID': lastId} : {};
      const answer = await request('GET', '/events?hdr=0', undefined, headers);
      status('open');
      await readStream(answer.body, (message) => {
        if (message.kind === 'reload') {
          lastId = '';
        } else {
          lastId = message.id || lastId;
        }
        take(message.kind, message.data);
      });
      status('closed');
    } catch (error) {
      status(error.status === 401 ? 'denied' : 'closed');
      if (error.status === 401) {
        await new Promise((done) => addEventListener('boom-login', done, {once: true}));
        continue;
      }
    }
    await new Promise((done) => setTimeout(done, kRetryMs));
  }
}

async function readStream(body, take) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  while (true) {
    const {value, done} = await reader.read();
    if (done) {
      return;
    }
    const blocks = (rest + value).split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      const message = {kind: 'message', id: '', text: ''};
      for (const line of block.split('\n')) {
        const colon = line.indexOf(': ');
        const name = line.slice(0, colon);
        const text = line.slice(colon + 2);
        if (name === 'event') {
          message.kind = text;
        } else if (name === 'id') {
          message.id = text;
        } else if (name === 'data') {
          message.text += text;
        }
      }
      if (message.text) {
        message.data = JSON.parse(message.text);
        take(message);
      }
    }
  }
}
