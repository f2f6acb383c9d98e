/**
 * A phone number goes by POST, also when it is typed into the search of the header: what is searched there stands in
 * the address, and an address stays in histories and logs.
 */
class FindController extends window.StimulusModule.Controller {
  static targets = ['status'];

  connect() {
    this.catch = (event) => this.watch(event);
    // Before the search itself hears of it.
    for (const name of ['input', 'change', 'submit']) {
      document.addEventListener(name, this.catch, true);
    }
  }

  disconnect() {
    for (const name of ['input', 'change', 'submit']) {
      document.removeEventListener(name, this.catch, true);
    }
  }

  watch(event) {
    const form = event.target.closest?.('[data-search-form]');
    const words = form?.querySelector('input[name="q"]')?.value ?? '';
    if (!form || !this.isNumber(words)) {
      return;
    }
    event.stopImmediatePropagation();
    this.element.elements.number.value = words;
    this.statusTarget.textContent = this.statusTarget.dataset.words;
    if (event.type === 'submit') {
      event.preventDefault();
      this.element.requestSubmit();
    }
  }

  /** Six digits and nothing else but what people put between them: no name and no postcode. */
  isNumber(words) {
    return /^[\d\s+().\-/\u00a0]+$/.test(words) && words.replace(/\D/g, '').length > 5;
  }
}

window.wagtail.app.register('ch-find', FindController);
