<?php

/**
 * The one place where this module uses the network; never from a hook.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 */

namespace ChappeModule;

if (!defined('_PS_VERSION_')) {
    exit;
}

class Transport
{
    public const SECONDS_TO_CONNECT = 2;
    public const SECONDS_IN_ALL = 4;

    /**
     * @param string[] $headers by name
     */
    public function post(string $url, array $headers, string $body): Response
    {
        $retryAfter = '';
        $call = curl_init($url);
        curl_setopt_array($call, [
            CURLOPT_POST => true,
            CURLOPT_POSTFIELDS => $body,
            CURLOPT_HTTPHEADER => $this->lines($headers),
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_FOLLOWLOCATION => false,
            CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
            CURLOPT_CONNECTTIMEOUT => self::SECONDS_TO_CONNECT,
            CURLOPT_TIMEOUT => self::SECONDS_IN_ALL,
            CURLOPT_HEADERFUNCTION => function ($call, $line) use (&$retryAfter) {
                if (stripos($line, 'retry-after:') === 0) {
                    $retryAfter = trim(substr($line, strlen('retry-after:')));
                }

                return strlen($line);
            },
        ]);
        $answer = curl_exec($call);
        $status = (int) curl_getinfo($call, CURLINFO_HTTP_CODE);
        $error = curl_error($call);

        return $answer === false ? new Response(0, '', '', $error) : new Response($status, $answer, $retryAfter);
    }

    private function lines(array $headers): array
    {
        $lines = ['Content-Type: application/json', 'Expect:'];
        foreach ($headers as $name => $value) {
            $lines[] = $name . ': ' . $value;
        }

        return $lines;
    }
}
