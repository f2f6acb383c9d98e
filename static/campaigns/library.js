/** Texts to begin with. Picking one fills the message; what was written there is replaced only after a question. */
class LibraryController extends window.StimulusModule.Controller {
  static targets = ['dialog', 'trade', 'language', 'example', 'question'];

  static values = { language: String };

  connect() {
    const known = [...this.languageTarget.options].some((option) => option.value === this.languageValue);
    if (known) this.languageTarget.value = this.languageValue;
    this.filter();
  }

  get text() {
    return document.querySelector('textarea[name=text]');
  }

  open() {
    this.keep();
    this.dialogTarget.showModal();
  }

  close() {
    this.dialogTarget.close();
  }

  filter() {
    const [trade, language] = [this.tradeTarget.value, this.languageTarget.value];
    this.exampleTargets.forEach((example) => {
      const { dataset } = example;
      example.hidden = dataset.language !== language || (trade !== '' && dataset.trade !== trade);
    });
  }

  pick({ params }) {
    this.picked = params.text;
    if (!this.text.value.trim()) {
      this.replace();
      return;
    }
    this.questionTarget.hidden = false;
    this.questionTarget.scrollIntoView({ block: 'nearest' });
    this.questionTarget.querySelector('button').focus();
  }

  keep() {
    this.questionTarget.hidden = true;
  }

  replace() {
    this.close();
    window.chappeTyping.replace(this.text, this.picked);
  }
}

window.wagtail.app.register('ch-library', LibraryController);
