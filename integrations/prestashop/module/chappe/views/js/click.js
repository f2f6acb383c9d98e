/**
 * Keeps the click id of a visit where the page came from a cache, and PHP never saw its address.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */
(function () {
    var found = /[?&]smsc=([A-Za-z0-9_-]{1,40})(?:&|$)/.exec(window.location.search);
    if (found && document.cookie.indexOf('chappe_click=' + found[1]) === -1) {
        var secure = window.location.protocol === 'https:' ? '; Secure' : '';
        document.cookie = 'chappe_click=' + found[1] + '; Max-Age=2592000; Path=/; SameSite=Lax' + secure;
    }
})();
