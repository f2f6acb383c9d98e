/**
 * Keeps the draft a moment after somebody typed, one request at a time, and says when, and what not and why. It stops
 * where asking again is of no use: somebody else wrote the draft, or it has left. A form that is sent waits for a save
 * under way.
 */
class AutosaveController extends window.StimulusModule.Controller {
  static targets = ['trouble', 'why'];

  static values = {
    url: String,
    saving: String,
    refused: String,
    lost: String,
    outside: String,
    gone: String,
    delay: { type: Number, default: 1500 },
    patience: { type: Number, default: 5000 },
  };

  connect() {
    this.saved = this.typed;
    this.isOver = false;
    this.isWhole = true;
  }

  disconnect() {
    clearTimeout(this.timer);
  }

  get typed() {
    const data = new FormData(this.element);
    ['version', 'csrfmiddlewaretoken'].forEach((name) => data.delete(name));
    return new URLSearchParams(data).toString();
  }

  later(_event, delay = this.delayValue) {
    clearTimeout(this.timer);
    if (!this.isOver) this.timer = setTimeout(() => this.save(), delay);
  }

  async save() {
    if (this.running || this.typed === this.saved) return;
    this.running = this.ask();
    const delay = await this.running;
    this.running = null;
    if (this.typed !== this.saved && delay) this.later(null, delay);
  }

  /** How long to wait before the next time; nothing where only a change helps. */
  async ask() {
    const { typed } = this;
    this.say(this.savingValue);
    try {
      const response = await fetch(this.urlValue, { method: 'POST', body: new FormData(this.element) });
      if (response.redirected || response.status === 403) return this.fail(this.outsideValue, this.patienceValue);
      if (response.status === 404) return this.end(this.goneValue);
      if (!response.ok) return this.fail(this.lostValue, this.patienceValue);
      return this.take(await response.json(), typed);
    } catch {
      return this.fail(this.lostValue, this.patienceValue);
    }
  }

  take(answer, typed) {
    if (answer.is_over) return this.end(answer.why);
    if (!answer.is_saved) return this.fail(answer.why, 0);
    this.say(answer.words);
    this.complain(answer.not_kept);
    this.isWhole = !answer.not_kept;
    this.saved = typed;
    this.element.querySelector('input[name=version]').value = answer.version;
    this.settle(answer);
    if (this.typed === typed && this.isWhole) this.dispatch('saved');
    return this.delayValue;
  }

  /** A new draft has an address from its first save on. */
  settle(answer) {
    if (this.urlValue === answer.autosave_url) return;
    this.urlValue = answer.autosave_url;
    this.element.action = answer.edit_url;
    window.history.replaceState(null, '', answer.edit_url);
  }

  /** Whoever leaves before it is kept is asked. */
  confirm(event) {
    if (!this.isSent && (this.typed !== this.saved || !this.isWhole)) event.preventDefault();
  }

  submit(event) {
    clearTimeout(this.timer);
    this.isOver = true;
    this.isSent = true;
    if (!this.running) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { submitter } = event;
    this.running.then(() => this.element.requestSubmit(submitter));
  }

  say(words) {
    document.getElementById('ch-saved').textContent = words;
  }

  end(why) {
    this.isOver = true;
    return this.fail(why, 0);
  }

  fail(why, delay) {
    this.say(this.refusedValue);
    this.complain(why);
    return delay;
  }

  /** Said once, however often it is still so. */
  complain(why) {
    if (this.whyTarget.textContent !== why) this.whyTarget.textContent = why;
    this.troubleTarget.hidden = !why;
  }
}

window.wagtail.app.register('ch-autosave', AutosaveController);
