/**
 * Merge fields by button: a box asks what those read who have none, then the field stands where the caret was. Whoever
 * has a text of their own to write in (the composer) listens to `insert`.
 */
class FieldsController extends window.StimulusModule.Controller {
  static targets = ['dialog', 'label', 'fallback', 'hole', 'text', 'declared', 'chip'];

  connect() {
    this.declare();
  }

  /** A button for each field that the form says its events may bring. */
  declare() {
    const typed = this.hasDeclaredTarget && document.getElementById('id_event_fields');
    if (!typed) return;
    const names = new Set(typed.value.toLowerCase().split(',').map((name) => name.trim()));
    const chips = [...names].filter((name) => /^[a-z][a-z0-9_]{0,39}$/.test(name)).map((name) => this.chip(name));
    this.declaredTarget.replaceChildren(...chips);
  }

  chip(name) {
    const chip = this.chipTarget.content.firstElementChild.cloneNode(true);
    chip.textContent = name;
    chip.dataset.chFieldsNameParam = name;
    chip.dataset.chFieldsLabelParam = name;
    return chip;
  }

  ask({ params }) {
    this.name = params.name;
    this.labelTarget.textContent = params.label;
    this.fallbackTarget.value = params.fallback;
    this.preview();
    this.dialogTarget.showModal();
    this.fallbackTarget.select();
  }

  close() {
    this.dialogTarget.close();
  }

  /** Braces and bars would end the field before its time. */
  get written() {
    return `{${this.name}|${this.fallbackTarget.value.replace(/[{}|]/g, '').trim()}}`;
  }

  preview() {
    this.holeTarget.textContent = this.written;
  }

  insert() {
    this.close();
    this.write({ params: { text: this.written } });
  }

  /** What everybody has: nothing to ask. */
  write({ params }) {
    if (this.hasTextTarget) window.chappeTyping.insert(this.textTarget, params.text);
    else this.dispatch('insert', { detail: { text: params.text } });
  }
}

window.wagtail.app.register('ch-fields', FieldsController);
