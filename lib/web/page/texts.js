// The language in use. All texts of a language stand in one file.
import {en} from '/page/en.js';
import {zh} from '/page/zh.js';

const languages = {en, zh};
const kKey = 'boom-language';

function preferred() {
  const stored = localStorage.getItem(kKey);
  if (stored in languages) {
    return stored;
  }
  const first = navigator.languages.find((one) => /^(en|zh)\b/.test(one)) ?? 'en';
  return first.slice(0, 2);
}

let current = preferred();

export const language = () => current;

export function setLanguage(name) {
  current = name;
  localStorage.setItem(kKey, name);
}

// The text with its {0}, {1}… filled in.
export function t(key, ...values) {
  const text = languages[current][key] ?? en[key] ?? key;
  return text.replace(/\{(\d)\}/g, (_, i) => values[i]);
}

export const has = (key) => key in en;

export function translatePage() {
  document.documentElement.lang = current;
  for (const element of document.querySelectorAll('[data-t]')) {
    element.textContent = t(element.dataset.t);
  }
  for (const element of document.querySelectorAll('[data-label]')) {
    element.setAttribute('aria-label', t(element.dataset.label));
  }
}
