/**
 * The rule builder. The page holds the rules as JSON in a hidden textarea; they are drawn as groups and sentences of
 * native fields, and written back at every change. The server answers who matches, in HTML; nothing is saved from here.
 */
const facts = () => JSON.parse(document.getElementById('ch-rules-facts').textContent);
const MOST_LEVELS = 3;

function make(tag, { on = {}, data = {}, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  });
  Object.entries(on).forEach(([event, listener]) => element.addEventListener(event, listener));
  Object.assign(element.dataset, data);
  element.append(...children);
  return element;
}

const option = ([value, label], chosen) => make('option', { value, selected: value === chosen }, label);

function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  svg.setAttribute('class', `icon icon-${name}`);
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** How the value of each kind of input is shown in a field, and read from it. */
const KINDS = {
  text: { show: (value) => value, read: (field) => field.value },
  texts: {
    show: (value) => value.join(', '),
    read: (field) => field.value.split(/[,;]/).map((one) => one.trim()).filter(Boolean),
  },
  number: { type: 'number', show: (value) => value, read: (field) => (field.value === '' ? null : Number(field.value)) },
  amount: {
    type: 'number',
    show: (value, input) => value / 10 ** input.decimals,
    read: (field, input) => (field.value === '' ? null : Math.round(Number(field.value) * 10 ** input.decimals)),
  },
  date: { type: 'date', show: (value) => value, read: (field) => field.value },
  choice: { show: (value) => value, read: (field) => field.value },
};

class RulesController extends window.StimulusModule.Controller {
  static targets = ['rules', 'tree', 'result', 'status'];

  static values = { url: String, delay: { type: Number, default: 350 } };

  connect() {
    const { conditions, openings, words } = facts();
    Object.assign(this, { conditions, openings, words });
    this.known = new Map(conditions.map((condition) => [condition.slug, condition]));
    this.treeTarget.replaceChildren(this.group(this.written(), 1));
  }

  disconnect() {
    clearTimeout(this.timer);
    this.request?.abort();
  }

  written() {
    try {
      const rules = JSON.parse(this.rulesTarget.value);
      if (Array.isArray(rules?.rules) && rules.rules.length) return rules;
    } catch { /* what can't be read is begun anew */ }
    return { match: 'all', rules: [{ about: '' }] };
  }

  // Drawing ----------------------------------------------------------------------------------------

  group({ match, rules }, level) {
    const { words } = this;
    const list = make('ul', { class: 'ch-rules__list' }, ...rules.map((rule) => this.item(rule, level)));
    const opening = make(
      'label', { class: 'ch-rules__opening' }, words.matches, ' ',
      make('select', { class: 'ch-select', data: { match: '' } }, ...this.openings.map((pair) => option(pair, match))),
    );
    const add = (rule) => () => this.add(list, rule(), level);
    const buttons = make(
      'div', { class: 'ch-rules__add' },
      this.button('plus', words.addCondition, add(() => ({ about: '' }))),
      ...(level < MOST_LEVELS ? [this.button('plus', words.addGroup, add(() => ({ match: 'any', rules: [{ about: '' }] })))] : []),
    );
    const head = make('div', { class: 'ch-rules__head' }, opening, ...(level > 1 ? [this.remover(words.removeGroup)] : []));
    return make('fieldset', { class: 'ch-rules', data: { group: '' } }, make('legend', { class: 'w-sr-only' }, words.group), head, list, buttons);
  }

  item(rule, level) {
    return make('li', {}, 'match' in rule ? this.group(rule, level + 1) : this.rule(rule));
  }

  rule(rule) {
    const row = make('div', { class: 'ch-rule', data: { rule: '' } }, this.chooser(rule.about), make('span', { class: 'ch-rule__rest' }), this.remover(this.words.remove));
    this.fill(row, rule);
    return row;
  }

  /** Conditions by section. One that is gone stays chosen by its name, so that the server can say so. */
  chooser(about) {
    const sections = new Map();
    this.conditions.forEach(({ slug, label, section }) => {
      if (!sections.has(section)) sections.set(section, make('optgroup', { label: section }));
      sections.get(section).append(option([slug, label], about));
    });
    const gone = about && !this.known.has(about) ? [option([about, '?'], about)] : [];
    const choose = (event) => this.fill(event.target.closest('[data-rule]'), { about: event.target.value });
    return make('select', { class: 'ch-select', 'aria-label': this.words.condition, data: { about: '' }, on: { change: choose } }, option(['', this.words.choose], about), ...gone, ...sections.values());
  }

  /** What follows the condition's name: how it is compared, and the fields of that comparison. */
  fill(row, rule) {
    const condition = this.known.get(rule.about);
    const rest = row.querySelector('.ch-rule__rest');
    if (!condition) return rest.replaceChildren();
    const comparison = condition.comparisons.find(({ slug }) => slug === rule.is) ?? condition.comparisons[0];
    const [opening, ...parts] = comparison.parts;
    const choose = (event) => this.fill(row, { ...this.read(row), is: event.target.value });
    const how = make('select', { class: 'ch-select', 'aria-label': this.words.how, data: { is: '' }, on: { change: choose } }, ...condition.comparisons.map(({ slug, parts: [words] }) => option([slug, words], comparison.slug)));
    return rest.replaceChildren(how, ...parts.map((part) => this.part(part, rule)));
  }

  part(part, rule) {
    if (typeof part === 'string') return make('span', {}, part);
    const { name, label, kind } = part;
    const value = rule[name] === undefined || rule[name] === null ? '' : KINDS[kind].show(rule[name], part);
    const common = { class: kind === 'choice' ? 'ch-select' : 'ch-rule__field', 'aria-label': label, data: { input: name, kind } };
    if (kind === 'choice') return make('select', common, option(['', this.words.choose], value), ...part.options.map((pair) => option(pair, value)));
    const { type = 'text' } = KINDS[kind];
    const step = kind === 'amount' ? 'any' : part.step;
    const field = make('input', { ...common, type, step, min: kind === 'number' ? part.min : undefined, max: kind === 'number' ? part.max : undefined, placeholder: kind === 'texts' ? label : undefined, autocomplete: 'off', value });
    return kind === 'amount' ? make('span', { class: 'ch-nowrap' }, field, ` ${part.currency}`) : field;
  }

  button(name, label, click) {
    return make('button', { type: 'button', class: 'ch-btn ch-btn--sm', on: { click } }, icon(name), label);
  }

  remover(label) {
    return make('button', { type: 'button', class: 'ch-btn ch-btn--i ch-btn--sm', 'aria-label': label, title: label, on: { click: (event) => this.remove(event.currentTarget) } }, icon('cross'));
  }

  // Changing ---------------------------------------------------------------------------------------

  add(list, rule, level) {
    const item = this.item(rule, level);
    list.append(item);
    item.querySelector('select[data-about]').focus();
    this.changed();
  }

  /** The focus goes on to what stood behind, or else to the button that adds. */
  remove(button) {
    const item = button.closest('li');
    const list = item.parentElement;
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    (next?.querySelector('select') ?? list.nextElementSibling.querySelector('button')).focus();
    this.changed();
  }

  changed() {
    this.rulesTarget.value = JSON.stringify(this.readGroup(this.treeTarget.querySelector('[data-group]')));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), this.delayValue);
  }

  readGroup(group) {
    const items = [...group.querySelector('.ch-rules__list').children].map(({ firstElementChild: one }) => one);
    const rules = items.map((one) => ('group' in one.dataset ? this.readGroup(one) : this.read(one)));
    return { match: group.querySelector('select[data-match]').value, rules };
  }

  read(row) {
    const rule = { about: row.querySelector('[data-about]').value };
    const how = row.querySelector('[data-is]');
    if (!how) return rule;
    rule.is = how.value;
    const { parts } = this.known.get(rule.about).comparisons.find(({ slug }) => slug === rule.is) ?? { parts: [] };
    const inputs = new Map(parts.filter((part) => part.name).map((part) => [part.name, part]));
    row.querySelectorAll('[data-input]').forEach((field) => {
      const { input, kind } = field.dataset;
      if (inputs.has(input)) rule[input] = KINDS[kind].read(field, inputs.get(input));
    });
    return rule;
  }

  async ask() {
    this.request?.abort();
    this.request = new AbortController();
    this.resultTarget.setAttribute('aria-busy', 'true');
    try {
      const body = new FormData(this.element.querySelector('form'));
      const response = await fetch(this.urlValue, { method: 'POST', body, signal: this.request.signal });
      if (!response.ok || response.redirected) throw new Error(`answered ${response.status}`);
      this.resultTarget.innerHTML = await response.text();
      this.statusTarget.textContent = this.resultTarget.querySelector('[data-words]')?.textContent ?? '';
      this.resultTarget.setAttribute('aria-busy', 'false');
    } catch (error) {
      if (error.name !== 'AbortError') this.resultTarget.setAttribute('aria-busy', 'false');
    }
  }
}

window.wagtail.app.register('ch-rules', RulesController);
