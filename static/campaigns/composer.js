/**
 * The composer: paints the text behind the textarea, counts while somebody types, and asks the server for the count
 * that holds (worst real reader, audience, cost, report card) a moment after. The server answers with blocks of HTML;
 * each replaces the block of the same name. Nothing is sent or saved from here.
 */
class ComposerController extends window.StimulusModule.Controller {
  static targets = [
    'text', 'mirror', 'units', 'room', 'alphabet', 'parts', 'screen', 'who', 'undo', 'status', 'initial', 'senderName',
    'look', 'view',
  ];

  static values = { url: String, delay: { type: Number, default: 250 } };

  connect() {
    this.place = 0;
    this.said = '';
    this.paint();
    this.show(0);
  }

  disconnect() {
    clearTimeout(this.timer);
    this.request?.abort();
  }

  typed(event) {
    if (event.target === this.textTarget) {
      this.paint();
      this.count();
      this.undoTarget.hidden = true;
    }
    this.ask();
  }

  // What is painted --------------------------------------------------------------------------------

  /** The same text behind the transparent textarea: holes tinted, guilty characters underlined. */
  paint() {
    const text = this.textTarget.value;
    const { guilty } = window.chappeEncoding.measure(text);
    const bad = new Set(guilty.map(([index]) => index));
    const isInHole = this.holes(text);
    const nodes = [];
    let run = null;
    Array.from(text).forEach((character, index) => {
      const kind = bad.has(index) ? 'bad' : isInHole(index);
      if (!run || run.kind !== kind || kind === 'bad') nodes.push((run = { kind, text: '' }));
      run.text += character;
    });
    this.mirrorTarget.replaceChildren(...nodes.map((node) => this.node(node)), '\n');
  }

  holes(text) {
    const ranges = [...text.matchAll(/\{[^{}]*\}/g)].map((match) => {
      const start = Array.from(text.slice(0, match.index)).length;
      return [start, start + Array.from(match[0]).length];
    });
    return (index) => (ranges.some(([start, end]) => start <= index && index < end) ? 'hole' : '');
  }

  node({ kind, text }) {
    if (!kind) return document.createTextNode(text);
    const mark = document.createElement('mark');
    mark.className = kind === 'bad' ? 'bad' : '';
    mark.textContent = text;
    return mark;
  }

  // What is counted --------------------------------------------------------------------------------

  get facts() {
    return JSON.parse(document.getElementById('ch-count').dataset.facts);
  }

  /** The text of the worst reader, as far as the browser knows. */
  rendered() {
    const { values, address, ending } = this.facts;
    const fill = (hole, name, fallback) => {
      const key = name.trim();
      if (key === 'stop_link') return `${address}/s`;
      return (key.endsWith('link') ? address : values[key] || fallback?.trim()) || hole;
    };
    return this.textTarget.value.replace(/\{([^{}|]*)(?:\|([^{}]*))?\}/g, fill).trimEnd() + ending;
  }

  count() {
    const isEmpty = !this.textTarget.value.trim();
    const { encoding, units, parts, perPart } = window.chappeEncoding.measure(isEmpty ? '' : this.rendered());
    const isPlain = encoding === 'gsm-7';
    this.unitsTarget.textContent = units;
    this.roomTarget.textContent = `/ ${perPart * Math.max(parts, 1)}`;
    this.partsTarget.textContent = parts;
    this.alphabetTarget.className = isPlain ? 'c-ok' : 'c-warn';
    this.alphabetTarget.textContent = isPlain ? 'SMS' : 'Unicode';
    this.say(parts, this.alphabetTarget.textContent);
  }

  /** Only a change of parts or alphabet is announced. */
  say(parts, alphabet) {
    const words = this.statusTarget.dataset.words.replace('{parts}', parts).replace('{alphabet}', alphabet);
    if (words === this.said) return;
    this.said = words;
    this.statusTarget.textContent = words;
  }

  ask() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.refresh(), this.delayValue);
  }

  async refresh() {
    this.request?.abort();
    this.request = new AbortController();
    this.element.setAttribute('aria-busy', 'true');
    try {
      const body = new FormData(this.element);
      const response = await fetch(this.urlValue, { method: 'POST', body, signal: this.request.signal });
      if (!response.ok || response.redirected) throw new Error(`answered ${response.status}`);
      this.replace(await response.text());
      this.element.removeAttribute('aria-busy');
    } catch (error) {
      // Grey figures stay grey: what is shown is not checked.
      if (error.name !== 'AbortError') this.timer = setTimeout(() => this.refresh(), 3000);
    }
  }

  replace(html) {
    const holder = document.createElement('template');
    holder.innerHTML = html;
    holder.content.querySelectorAll('[data-ch-composer-part]').forEach((next) => {
      const name = next.dataset.chComposerPart;
      const present = this.element.querySelector(`[data-ch-composer-part="${name}"]`);
      if (present.innerHTML !== next.innerHTML && !present.contains(document.activeElement)) {
        present.replaceChildren(...next.childNodes);
      }
    });
    this.show(this.place);
    this.showSender();
  }

  showSender() {
    const select = this.element.elements.sender;
    const name = select.value ? select.selectedOptions[0].textContent : '';
    if (!name) return;
    this.senderNameTarget.textContent = name;
    this.initialTarget.textContent = name.charAt(0);
  }

  // What is done -----------------------------------------------------------------------------------

  /** Into the text where the caret stands. */
  insert({ params, detail }) {
    window.chappeTyping.insert(this.textTarget, params.text ?? detail.text);
  }

  /** Read as it stands: a parameter that looks like JSON, such as a text in quotation marks, is not. */
  mend({ currentTarget }) {
    this.before = this.textTarget.value;
    window.chappeTyping.replace(this.textTarget, currentTarget.dataset.chComposerMendedParam);
    this.undoTarget.hidden = false;
  }

  undo() {
    window.chappeTyping.replace(this.textTarget, this.before);
  }

  // Whose phone ------------------------------------------------------------------------------------

  /** The message, or the page behind its link. */
  look({ params }) {
    this.lookTargets.forEach((button) => {
      button.setAttribute('aria-pressed', button.dataset.chComposerAtParam === params.at);
    });
    this.viewTargets.forEach((view) => {
      view.hidden = view.dataset.at !== params.at;
    });
  }

  previous() {
    this.show(this.place - 1);
  }

  next() {
    this.show(this.place + 1);
  }

  worst() {
    this.look({ params: { at: 'sms' } });
    this.show(this.screenTargets.findIndex((screen) => 'worst' in screen.dataset));
  }

  show(place) {
    const count = this.screenTargets.length;
    this.place = count ? (place + count) % count : 0;
    this.screenTargets.forEach((screen, index) => {
      screen.hidden = index !== this.place;
    });
    const who = this.screenTargets[this.place]?.querySelector('template[data-who]');
    // Said aloud when it changes, and not each time somebody types.
    if (this.whoTarget.innerHTML !== (who?.innerHTML ?? '')) this.whoTarget.innerHTML = who?.innerHTML ?? '';
  }
}

window.wagtail.app.register('ch-composer', ComposerController);
