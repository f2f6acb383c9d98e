/* What a text costs as an SMS: the browser's twin of integrations/gateways/encoding.py, held to the same test vectors. */
(function (root) {
  "use strict";

  const BASIC = new Set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
      "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
  );
  const EXTENSION = new Set("^{}\\[~]|€\f");
  const ONE_PART = { "gsm-7": 160, "ucs-2": 70 };
  const EACH_PART = { "gsm-7": 153, "ucs-2": 67 };

  const isGsm = (character) => BASIC.has(character) || EXTENSION.has(character);
  const septets = (character) => (EXTENSION.has(character) ? 2 : 1);
  const utf16Units = (character) => character.length;

  /** Where each part ends: a character of two units moves over as a whole. */
  function partsOf(characters, costOf, room) {
    const parts = [""];
    let used = 0;
    for (const character of characters) {
      const cost = costOf(character);
      if (used + cost > room) {
        parts.push("");
        used = 0;
      }
      parts[parts.length - 1] += character;
      used += cost;
    }
    return parts;
  }

  /** {encoding, units, parts, perPart, guilty: [[index, character]], pieces: [text of each part]}; indices count characters. */
  function measure(text) {
    const characters = Array.from(text);
    const guilty = [...characters.entries()].filter(([, character]) => !isGsm(character));
    const encoding = guilty.length ? "ucs-2" : "gsm-7";
    const costOf = guilty.length ? utf16Units : septets;
    const units = characters.reduce((sum, character) => sum + costOf(character), 0);
    const perPart = units > ONE_PART[encoding] ? EACH_PART[encoding] : ONE_PART[encoding];
    const pieces = units ? partsOf(characters, costOf, perPart) : [];
    return { encoding, units, parts: pieces.length, perPart, guilty, pieces };
  }

  root.chappeEncoding = { measure };
})(typeof window === "undefined" ? globalThis : window);
