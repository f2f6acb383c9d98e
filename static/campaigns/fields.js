/** Merge fields by button: a box asks what those read who have none, then the field stands where the caret was. */
class FieldsController extends window.StimulusModule.Controller {
  static targets = ['dialog', 'label', 'fallback', 'hole'];

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
    this.dispatch('insert', { detail: { text: this.written } });
  }
}

window.wagtail.app.register('ch-fields', FieldsController);
