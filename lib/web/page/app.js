// The page: asks what the state is once a second, follows the events, hands both to its parts.
import * as api from '/page/api.js';
import {byId, setText} from '/page/dom.js';
import {Live} from '/page/live.js';
import {Panels} from '/page/panels.js';
import {Runs} from '/page/runs.js';
import {Steering, act} from '/page/steer.js';
import {has, language, setLanguage, t, translatePage} from '/page/texts.js';

const kPollMs = 1000;
const kTheme = 'boom-theme';

document.documentElement.lang = language();
const live = new Live();
const panels = new Panels(act);
const steering = new Steering();
const runs = new Runs();
let master = null;
let stats = null;
let lastRun = null;
let pollTimer = 0;

function showLink(kind) {
  const badge = byId('link');
  setText(badge, t(`link_${kind}`));
  badge.className = `badge ${kind === 'open' ? 'good' : 'bad'}`;
  byId('login').hidden = kind !== 'denied';
}

function showState() {
  if (!master) {
    return;
  }
  const name = master.state_name;
  setText(byId('state'), has(`state_${name}`) ? t(`state_${name}`) : name);
  document.title = `${t(`state_${name}`)} · boom`;
  steering.allow(name);
  live.showTiles(master, stats);
}

async function poll() {
  clearTimeout(pollTimer);
  try {
    if (!document.hidden) {
      const [row, result, workers] = await Promise.all(
        [api.data('/master'), api.stats(), api.data('/workers')]);
      master = row;
      stats = result;
      panels.showStats(stats, live.run.last);
      panels.showWorkers(workers);
      steering.showWorkers(workers);
      showState();
      const run = `${stats.run.id} ${stats.run.state}`;
      if (run !== lastRun) {
        lastRun = run;
        refreshLists();
      }
    }
  } catch (error) {
    if (error.status === 401) {
      showLink('denied');
      return;  // until somebody logs in
    }
  }
  clearTimeout(pollTimer);
  pollTimer = setTimeout(poll, kPollMs);
}

function refreshLists() {
  api.data('/cases').then((rows) => steering.showCases(rows), () => {});
  runs.refresh();
}

function take(kind, data) {
  if (kind === 'interval') {
    live.addInterval(data);
    updateSoon();
  } else if (kind === 'event') {
    live.addEvent(data);
    updateSoon();
  } else {
    live.begin();  // a new run, or the history is to be loaded anew
  }
}

// The history comes in thousands of messages: one picture for all of them.
let isUpdateDue = false;
function updateSoon() {
  if (!isUpdateDue) {
    isUpdateDue = true;
    setTimeout(() => {
      isUpdateDue = false;
      live.update();
    }, 50);
  }
}

function applyTheme(choice) {
  const isDark = choice === 'dark' ||
    (choice === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
  live.axis.draw();
}

function setUpSwitches() {
  const theme = byId('theme');
  theme.value = localStorage.getItem(kTheme) ?? 'auto';
  theme.addEventListener('change', () => {
    localStorage.setItem(kTheme, theme.value);
    applyTheme(theme.value);
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change',
    () => applyTheme(theme.value));
  applyTheme(theme.value);
  const select = byId('language');
  select.value = language();
  select.addEventListener('change', () => {
    setLanguage(select.value);
    translateAll();
  });
}

function translateAll() {
  translatePage();
  [live, panels, steering, runs].forEach((part) => part.translate());
  if (stats) {
    panels.showStats(stats, live.run.last);
  }
  showState();
}

function setUpLogin() {
  byId('login').addEventListener('submit', async (event) => {
    event.preventDefault();
    api.token.set(byId('token').value.trim());
    byId('token').value = '';
    try {
      await api.data('/master');
      setText(byId('login-answer'), '');
      byId('login').hidden = true;
      dispatchEvent(new Event('boom-login'));
      poll();
    } catch (error) {
      api.token.set('');
      setText(byId('login-answer'), error.status === 401 ? t('wrong_token') : error.message);
      byId('login-answer').className = 'bad';
    }
  });
}

setUpSwitches();
setUpLogin();
translatePage();
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) {
    live.update();
    poll();
  }
});
api.follow(take, showLink);
poll();
