<?php

/**
 * What is told of an order, and when.
 */

use ChappeModule\Signature;
use PHPUnit\Framework\TestCase;

class OrderTest extends TestCase
{
    /** @var Receiver */
    private $receiver;

    /** @var SetClock */
    private $clock;

    /** @var ShopWorld */
    private $shop;

    protected function setUp(): void
    {
        $this->receiver = new Receiver();
        $this->clock = new SetClock();
        $this->shop = new ShopWorld($this->receiver, $this->clock);
        $this->shop->pair();
    }

    private function told(): array
    {
        $this->shop->flush();
        $events = $this->receiver->events();

        return end($events)['order'];
    }

    public function testAnOrderWalksFromCartToRefund(): void
    {
        $this->shop->order(42);
        $placed = $this->told();
        $this->clock->pass(60);
        $this->shop->state(42, 2);
        $paid = $this->told();
        $this->clock->pass(60);
        $this->shop->track(42, '6A 123');
        $this->shop->state(42, 4);
        $shipped = $this->told();
        $this->clock->pass(60);
        $this->shop->state(42, 5);
        $this->shop->refund(42, '10.50', '2');
        $refunded = $this->told();

        $this->assertSame([
            'id' => '42',
            'number' => 'XKBK42',
            'version' => strtotime('2026-11-24 10:30:00') * 1000,
            'placed_at' => '2026-11-24T10:30:00+01:00',
            'currency' => 'EUR',
            'total' => '54.90',
            'country' => 'FR',
            'language' => 'fr',
            'is_test' => false,
            'customer' => ['first_name' => 'Camille', 'phones' => [
                ['number' => '06 39 98 12 34', 'country' => 'FR'],
                ['number' => '02 61 91 00 01', 'country' => 'FR'],
            ]],
            'discount_codes' => [],
            'tracking' => [],
            'refunds' => [],
            'states' => [['id' => '13', 'name' => 'State 13', 'reached_at' => '2026-11-24T10:30:00+01:00']],
            'items' => ['Tablier en lin', 'Torchon rayé', 'Bol'],
            'status_url' => 'https://maison-lambert.example/index.php?controller=order-detail&id_order=42',
            'click_id' => '',
        ], $placed);
        $this->assertSame('2026-11-24T10:31:00+01:00', $paid['paid_at']);
        $this->assertSame([['number' => '6A 123', 'carrier' => 'Colissimo',
            'url' => 'https://suivi.colis.example/6A%20123']], $shipped['tracking']);
        $this->assertSame(['2026-11-24T10:32:00+01:00', '2026-11-24T10:33:00+01:00'], [
            $refunded['shipped_at'], $refunded['delivered_at'],
        ]);
        $this->assertSame(
            [['id' => '1', 'amount' => '12.50', 'refunded_at' => '2026-11-24T10:33:00+01:00']],
            $refunded['refunds']
        );
    }

    public function testSixHooksOfOneCheckoutMakeOneEvent(): void
    {
        $this->shop->order(42);
        $this->shop->state(42, 2);
        $this->shop->flush();

        $this->assertCount(1, $this->receiver->events());
        $this->assertSame(1, $this->shop->module->kit()->outbox->figures(1)['delivered']);
    }

    public function testACancelledOrderSaysSo(): void
    {
        $this->shop->order(42);
        $this->shop->state(42, 6);

        $this->assertSame('2026-11-24T10:30:00+01:00', $this->told()['cancelled_at']);
    }

    public function testAStateThatMeansRefundedGivesEverythingBackWhereThereIsNoCreditSlip(): void
    {
        $this->shop->order(42);
        $this->shop->state(42, 7);
        $all = $this->told()['refunds'];
        $this->shop->refund(42, '20');

        $moment = '2026-11-24T10:30:00+01:00';
        $this->assertSame([['id' => 'order-42', 'amount' => '54.90', 'refunded_at' => $moment]], $all);
        $this->assertSame($all, $this->told()['refunds']);
    }

    public function testASlipCountsWithTaxUnlessTheMerchantTypedTheAmount(): void
    {
        $this->shop->order(42);
        $this->shop->refund(42, '12.00');
        $this->shop->refund(42, '12.00', '3', '7.50');

        $this->assertSame(['12.00', '10.50'], array_column($this->told()['refunds'], 'amount'));
    }

    public function testAHistoryWithoutADateGivesTheDateOfTheOrder(): void
    {
        $this->shop->order(42);
        $this->shop->insert('order_history', ['id_order' => 42, 'id_order_state' => 2,
            'date_add' => '0000-00-00 00:00:00']);

        $this->assertSame('2026-11-24T10:30:00+01:00', $this->told()['paid_at']);
    }

    public function testTheMerchantSaysWhatAStateMeans(): void
    {
        $this->shop->insert('order_state', ['id_order_state' => 30, 'paid' => 1, 'shipped' => 0]);
        $states = $this->shop->module->kit()->states;
        $states->choose(1, [30 => 'delivered', 4 => 'nothing', 6 => 'as usual', 3 => 'ready']);
        $this->shop->order(42);
        $this->shop->state(42, 4);
        $this->clock->pass(60);
        $this->shop->state(42, 30);
        $order = $this->told();

        $this->assertSame(['2026-11-24T10:31:00+01:00', '2026-11-24T10:31:00+01:00', false], [
            $order['paid_at'], $order['delivered_at'], isset($order['shipped_at']),
        ]);
        $this->assertSame([3 => 'ready', 4 => 'nothing', 30 => 'delivered'], $states->chosen(1));
    }

    public function testAStateThatNobodyGaveAMeaningIsToldAsItIs(): void
    {
        $this->shop->insert('order_state', ['id_order_state' => 30, 'paid' => 0, 'shipped' => 0]);
        $this->shop->insert('order_state_lang', ['id_order_state' => 30, 'id_lang' => 1, 'name' => 'Prête']);
        $states = $this->shop->module->kit()->states;
        $states->choose(1, [1 => 'nothing', 13 => 'nothing']);
        $this->shop->order(42);
        $this->clock->pass(60);
        $this->shop->state(42, 30);
        $open = $this->told()['states'];
        $states->choose(1, [1 => 'nothing', 13 => 'nothing', 30 => 'ready']);
        $this->shop->state(42, 30);
        $order = $this->told();

        $this->assertSame([['id' => '30', 'name' => 'Prête', 'reached_at' => '2026-11-24T10:31:00+01:00']], $open);
        $this->assertSame([[], '2026-11-24T10:31:00+01:00'], [$order['states'], $order['ready_at']]);
    }

    public function testTheServerHearsWhatEachStateMeans(): void
    {
        $states = $this->shop->module->kit()->states;
        $states->choose(1, [3 => 'nothing', 8 => 'cancelled']);

        $this->assertSame(
            ['1' => [], '2' => ['paid'], '3' => ['nothing'], '4' => ['paid', 'shipped'],
                '5' => ['paid', 'shipped', 'delivered'], '6' => ['cancelled'], '7' => ['refunded'],
                '8' => ['cancelled'], '13' => []],
            array_column($states->told(1, 1), 'facts', 'id')
        );
    }

    public function testAVersionIsNeverLowerThanTheLastOneEvenOnAClockThatWasPutBack(): void
    {
        $this->shop->order(42);
        $first = $this->told()['version'];
        $this->clock->pass(-3600);
        $this->shop->state(42, 2);

        $this->assertSame($first + 1, $this->told()['version']);
    }

    public function testACodeIsToldAsItWasTyped(): void
    {
        $this->shop->order(42);
        $this->shop->insert('order_cart_rule', ['id_order' => 42, 'id_cart_rule' => 3]);

        $this->assertSame(['BIENVENUE'], $this->told()['discount_codes']);
    }

    public function testAnOrderThatIsGoneIsNotTold(): void
    {
        $this->shop->order(42);
        Db::$instance->execute('DELETE FROM ps_orders');
        $this->shop->flush();

        $this->assertSame([], $this->receiver->calls);
        $this->assertSame(1, $this->shop->module->kit()->outbox->figures(1)['gone']);
    }

    public function testARefusedEventDoesNotBlockTheRestAndKeepsItsReason(): void
    {
        $kit = $this->shop->module->kit();
        $kit->outbox->note(1, 'shop.hello', '', $this->clock->now());
        $this->shop->order(42);
        $this->receiver->refuses = ['shop.hello' => 'name is not text.'];
        $this->shop->flush();
        $this->shop->flush();

        $figures = $kit->outbox->figures(1);
        $this->assertSame([1, 1, 0], [$figures['delivered'], $figures['refused'], $figures['waiting']]);
        $this->assertSame('name is not text.', $kit->outbox->refusals(1, 5)[0]['reason']);
        $this->assertCount(1, $this->receiver->calls);
    }

    public function testARowWhoseReadingEndsTheProcessIsGivenUpAfterThreeTries(): void
    {
        $this->shop->order(41);
        Db::$instance->execute('UPDATE ps_chappe_outbox SET readings = 3');
        $this->shop->order(42);
        $this->shop->flush();

        $kit = $this->shop->module->kit();
        $this->assertSame(['42'], array_column(array_column($this->receiver->events(), 'order'), 'id'));
        $this->assertStringContainsString('ended the process', $kit->outbox->refusals(1, 5)[0]['reason']);
    }

    public function testFiftyEventsTravelInACall(): void
    {
        foreach (range(1, 120) as $id) {
            $this->shop->order($id);
        }
        $this->shop->flush();

        $this->assertSame([50, 50, 20], array_map(function ($body) {
            return count($body['events']);
        }, array_values($this->receiver->stored)));
        $orders = array_column($this->receiver->events(), 'order');
        $this->assertSame(range(1, 120), array_map('intval', array_column($orders, 'id')));
    }

    public function testACallIsSignedAfterStandardWebhooks(): void
    {
        $this->shop->order(42);
        $this->shop->flush();

        [$url, $headers, $body] = $this->receiver->calls[0];
        $signed = $headers['webhook-id'] . '.' . $headers['webhook-timestamp'] . '.' . $body;
        $key = '01234567890123456789012345678901';
        $this->assertSame('https://chappe.example/hooks/shops/1/', $url);
        $this->assertSame((string) $this->clock->now(), $headers['webhook-timestamp']);
        $this->assertSame(
            'v1,' . base64_encode(hash_hmac('sha256', $signed, $key, true)),
            $headers['webhook-signature']
        );
        $this->assertFalse(Signature::isFromServer(ShopWorld::SECRET, $headers, $body, $this->clock->now()));
    }

    public function testNothingPersonalStaysInTheOutboxOnceItIsDelivered(): void
    {
        $this->shop->order(42);
        $before = Db::$instance->executeS('SELECT payload FROM ps_chappe_outbox');
        $this->shop->flush();

        $this->assertSame([['payload' => null]], $before);
        $this->assertSame([['payload' => null]], Db::$instance->executeS('SELECT payload FROM ps_chappe_outbox'));
    }
}
