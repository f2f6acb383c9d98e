/** Text as if it were typed, so that the browser's own undo knows it. */
window.chappeTyping = {
  /** Where the caret stands. */
  insert(area, text) {
    area.focus();
    if (document.execCommand('insertText', false, text)) return;
    area.setRangeText(text, area.selectionStart, area.selectionEnd, 'end');
    area.dispatchEvent(new Event('input', { bubbles: true }));
  },

  /** Instead of all that is written. */
  replace(area, text) {
    area.focus();
    area.select();
    this.insert(area, text);
  },
};
