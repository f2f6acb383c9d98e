<?php

/**
 * A Chappe that keeps the laws of docs/prestashop-webhook.md: it stores each webhook-id once.
 */

use ChappeModule\Response;
use ChappeModule\Transport;

class Receiver extends Transport
{
    /** @var array every call as it came */
    public $calls = [];

    /** @var array the bodies that were stored, by webhook-id */
    public $stored = [];

    /** @var Response|null answered instead; the call is not taken */
    public $failure;

    /** @var bool the call is taken, and the answer lost on its way */
    public $losesAnswers = false;

    /** @var string[] reasons by event id */
    public $refuses = [];

    public function post(string $url, array $headers, string $body): Response
    {
        $this->calls[] = [$url, $headers, $body];
        if ($this->failure) {
            return $this->failure;
        }
        $this->stored += [$headers['webhook-id'] => json_decode($body, true)];

        return $this->losesAnswers ? new Response(0, '', '', 'timed out') : new Response(200, $this->answer($body));
    }

    private function answer(string $body): string
    {
        $answer = ['accepted' => [], 'refused' => []];
        foreach (json_decode($body, true)['events'] as $event) {
            if (isset($this->refuses[$event['kind']])) {
                $answer['refused'][] = ['id' => $event['id'], 'reason' => $this->refuses[$event['kind']]];
            } else {
                $answer['accepted'][] = $event['id'];
            }
        }

        return json_encode($answer);
    }

    /**
     * @return array[] every event that was stored, in the order of its arrival
     */
    public function events(): array
    {
        return array_merge([], ...array_column(array_values($this->stored), 'events'));
    }
}
