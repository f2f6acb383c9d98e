<?php

/**
 * A shop with the module in it, driven from outside: `php walk.php FILE URL SECRET < steps`, a step a line, such as
 * `order 42`, `state 42 2`, `track 42 6A123`, `refund 42 10.50`, `pass 60`, `flush`. The calls are real ones.
 * Prints the figures of the outbox as JSON.
 */

use ChappeModule\Transport;

require __DIR__ . '/bootstrap.php';

[, $file, $url, $secret, $moment] = $argv;
$shop = new ShopWorld(new Transport(), new SetClock($moment), $file);
$shop->pair($url, $secret);
foreach (file('php://stdin', FILE_IGNORE_NEW_LINES) as $line) {
    $words = explode(' ', $line);
    $verb = array_shift($words);
    if ($verb === 'pass') {
        $shop->clock->pass((int) $words[0]);
    } elseif ($verb === 'url') {
        $shop->pair($words[0], $secret);
    } else {
        $shop->$verb(...$words);
    }
}
echo json_encode($shop->module->kit()->outbox->figures(1) + $shop->module->kit()->connections->get(1));
