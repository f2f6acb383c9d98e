/**
 * Shows the end of a thread, and stays where the reader is when the thread is replaced by a fresher one.
 *
 *   <div data-controller="ch-thread" data-ch-thread-key-value="06 39 98 00 01">…</div>
 */
const places = new Map();

class ThreadController extends window.StimulusModule.Controller {
  static values = { key: String };

  connect() {
    const place = places.get(this.keyValue);
    this.element.scrollTop = place === undefined ? this.element.scrollHeight : place;
    this.onScroll = () => this.remember();
    this.element.addEventListener('scroll', this.onScroll, { passive: true });
  }

  disconnect() {
    this.element.removeEventListener('scroll', this.onScroll);
  }

  remember() {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < 24;
    if (isAtEnd) places.delete(this.keyValue);
    else places.set(this.keyValue, scrollTop);
  }
}

window.wagtail.app.register('ch-thread', ThreadController);

/**
 * Brings another phone onto the screen when it rings, unless somebody is writing.
 *
 *   <div data-controller="ch-live ch-phones" data-action="ch-live:changed->ch-phones#change">…</div>
 */
class PhonesController extends window.StimulusModule.Controller {
  change() {
    const boxes = Array.from(document.querySelectorAll('.ch-reply input[name="text"]'));
    const isWriting = boxes.some((box) => box.value || box === document.activeElement);
    if (!isWriting) window.location.reload();
  }
}

window.wagtail.app.register('ch-phones', PhonesController);
