<?php

/**
 * A shop with the module in it, driven from outside: `php walk.php FILE URL SECRET MOMENT < steps`, a step a line: a
 * method of ShopWorld or of this walk, and its arguments. The calls are real ones.
 * Prints as JSON the figures of the outbox, and what `wake`, which can only be the last step, has answered.
 */

use ChappeModule\Settings;
use ChappeModule\Transport;

require __DIR__ . '/bootstrap.php';

[, $file, $url, $secret, $moment] = $argv;
$shop = new ShopWorld(new Transport(), new SetClock($moment), $file);
$shop->pair($url, $secret);
Settings::word([1 => 'J’accepte de recevoir par SMS les offres de Maison Lambert.'], 1);
Settings::turn(Settings::CARTS, true, 1);
$verbs = [
    'pass' => function ($seconds) use ($shop) {
        $shop->clock->pass((int) $seconds);
    },
    'hello' => function () use ($shop) {
        $shop->module->kit()->outbox->note(1, 'shop.hello', '', $shop->clock->now());
    },
    'agree' => function ($id, $phone) use ($shop) {
        $shop->register((int) $id, ['chappe_sms_shown' => '1', 'chappe_sms' => '1']);
        $shop->address((int) $id, $phone);
    },
    'withdraw' => function ($id) use ($shop) {
        Tools::$values = ['chappe_sms_shown' => '1'];
        $shop->module->hookActionCustomerAccountUpdate(['customer' => (object) ['id' => (int) $id]]);
    },
    'fill' => function ($id) use ($shop) {
        $shop->cart((int) $id, [1 => 1, 2 => 2]);
    },
    'wake' => function ($what, $after, $id, $time, $signature) use ($shop) {
        Tools::$values = ['past' => $what, 'after' => $after];
        $_SERVER['HTTP_WEBHOOK_ID'] = $id;
        $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] = $time;
        $_SERVER['HTTP_WEBHOOK_SIGNATURE'] = $signature;
        require dirname(__DIR__) . '/module/chappe/controllers/front/health.php';
        $page = new ChappeHealthModuleFrontController();
        $page->module = $shop->module;
        $page->initContent();
    },
    'erase' => function ($id) use ($shop) {
        $shop->module->hookActionDeleteGDPRCustomer(['id' => (int) $id]);
    },
];
ob_start();
// A page of the shop ends with `exit`.
register_shutdown_function(function () use ($shop) {
    $woken = ['status' => http_response_code(), 'answer' => json_decode((string) ob_get_clean(), true)];
    $kit = $shop->module->kit();
    echo json_encode($kit->outbox->figures(1) + $kit->connections->get(1) + ['woken' => $woken]);
});
foreach (file('php://stdin', FILE_IGNORE_NEW_LINES) as $line) {
    $words = explode(' ', $line);
    $verb = array_shift($words);
    ($verbs[$verb] ?? [$shop, $verb])(...$words);
}
