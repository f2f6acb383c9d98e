/**
 * Merge fields by button: a box asks what those read who have none, then the field stands where the caret was. Whoever
 * has a text of their own to write in (the composer) listens to `insert`.
 */
class FieldsController extends window.StimulusModule.Controller {
  static targets = ['dialog', 'label', 'fallback', 'hole', 'text'];

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
