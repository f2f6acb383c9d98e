<?php

/**
 * The one thing a merchant pastes: where to call, and the secret to sign with.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class PairingToken
{
    /** @var string */
    public $endpoint;

    /** @var string */
    public $secret;

    /**
     * Reads `chappe1.<base64url of JSON>.<first 8 hexadecimal digits of its SHA-256>`.
     *
     * @throws BadToken when something is missing, as after an incomplete copy
     */
    public function __construct(string $text)
    {
        $parts = explode('.', preg_replace('/\s+/', '', $text));
        if (count($parts) !== 3 || $parts[0] !== 'chappe1') {
            throw new BadToken();
        }
        if (!hash_equals(substr(hash('sha256', $parts[1]), 0, 8), $parts[2])) {
            throw new BadToken();
        }
        $content = json_decode((string) base64_decode(strtr($parts[1], '-_', '+/'), true), true);
        $this->endpoint = is_string($content['url'] ?? null) ? $content['url'] : '';
        $this->secret = is_string($content['secret'] ?? null) ? $content['secret'] : '';
        if (!preg_match('~^https?://[^\s<>"]{1,240}$~', $this->endpoint) || strpos($this->secret, 'whsec_') !== 0) {
            throw new BadToken();
        }
    }
}
