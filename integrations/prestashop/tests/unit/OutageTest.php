<?php

/**
 * What happens while Chappe can't be reached, and afterwards.
 */

use ChappeModule\Response;
use PHPUnit\Framework\TestCase;

class OutageTest extends TestCase
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

    public function testAnHourWithoutTheServerLosesNothingAndTellsNothingTwice(): void
    {
        $this->receiver->failure = new Response(0, '', '', 'Connection refused');
        for ($minute = 0; $minute < 60; $minute++) {
            if ($minute < 40) {
                $this->shop->order(100 + $minute);
            }
            if ($minute >= 10 && $minute < 50) {
                $this->shop->state(90 + $minute, 2);
            }
            $this->shop->flush();
            $this->clock->pass(60);
        }
        $this->receiver->failure = null;
        for ($minute = 0; $minute < 120; $minute++) {
            $this->shop->flush();
            $this->clock->pass(60);
        }

        $events = $this->receiver->events();
        $ids = array_column($events, 'id');
        $last = [];
        $versions = [];
        foreach ($events as $event) {
            $last[$event['order']['id']] = $event['order'];
            $versions[$event['order']['id']][] = $event['order']['version'];
        }
        $sorted = $versions;
        array_walk($sorted, 'sort');
        $times = array_column($events, 'occurred_at');
        $inOrder = $times;
        sort($inOrder);
        $this->assertSame(array_unique($ids), $ids);
        $this->assertSame($sorted, $versions);
        $this->assertSame($inOrder, $times);
        $this->assertSame(array_map('strval', range(100, 139)), array_map('strval', array_keys($last)));
        $this->assertNotContains(null, array_column($last, 'paid_at'));
        $this->assertCount(40, array_column($last, 'paid_at'));
        $this->assertSame(0, $this->shop->module->kit()->outbox->figures(1)['waiting']);
    }

    public function testALostAnswerIsAskedAgainUnderTheSameIdWithTheSameBody(): void
    {
        $this->receiver->losesAnswers = true;
        $this->shop->order(1);
        $this->shop->flush();
        $this->shop->state(1, 2);
        $this->clock->pass(60);
        $this->shop->flush();
        $this->receiver->losesAnswers = false;
        $this->clock->pass(3600);
        $this->shop->flush();

        [$first, $second, $third, $fourth] = $this->receiver->calls;
        $this->assertSame([$first[1]['webhook-id'], $first[2]], [$second[1]['webhook-id'], $second[2]]);
        $this->assertSame([$first[1]['webhook-id'], $first[2]], [$third[1]['webhook-id'], $third[2]]);
        $this->assertNotSame($first[1]['webhook-timestamp'], $second[1]['webhook-timestamp']);
        $this->assertNotSame($first[1]['webhook-id'], $fourth[1]['webhook-id']);
        $this->assertSame(2, count($this->receiver->events()));
    }

    public function testPausesGrowToSixHoursAndAreKept(): void
    {
        $this->receiver->failure = new Response(503);
        $this->shop->order(1);
        $pauses = [];
        for ($try = 0; $try < 14; $try++) {
            $this->shop->flush();
            $row = $this->shop->module->kit()->connections->get(1);
            $pauses[] = $row['next_attempt_at'] - $this->clock->now();
            $this->shop->flush();
            $this->clock->milliseconds = $row['next_attempt_at'] * 1000;
        }

        foreach ($pauses as $failures => $pause) {
            $least = min(10 * 2 ** $failures, 21600);
            $this->assertGreaterThanOrEqual($least, $pause);
            $this->assertLessThanOrEqual($least * 1.2, $pause);
        }
        $this->assertCount(14, $this->receiver->calls);
    }

    public function testRetryAfterIsObeyed(): void
    {
        $this->receiver->failure = new Response(429, '', '900');
        $this->shop->order(1);
        $this->shop->flush();

        $this->assertSame(
            $this->clock->now() + 900,
            (int) $this->shop->module->kit()->connections->get(1)['next_attempt_at']
        );
    }

    public function testWhatIsThreeDaysOldIsGivenUpAndWhatWasDeliveredIsForgottenAfterAWeek(): void
    {
        $this->shop->order(1);
        $this->shop->flush();
        $this->receiver->failure = new Response(500);
        $this->shop->order(2);
        $this->shop->flush();
        $this->clock->pass(3 * 86400 + 1);
        $this->shop->order(3);
        $this->receiver->failure = null;
        $this->shop->flush();
        $after = $this->shop->module->kit()->outbox->figures(1);
        $this->clock->pass(7 * 86400 + 1);
        $this->shop->order(4);
        $this->shop->flush();

        $this->assertSame(['1', '3', '4'], array_column(array_column($this->receiver->events(), 'order'), 'id'));
        $this->assertSame([2, 1, 0], [$after['delivered'], $after['too old'], $after['waiting']]);
        $this->assertSame(1, $this->shop->module->kit()->outbox->figures(1)['delivered']);
    }

    /**
     * @dataProvider finalAnswers
     */
    public function testAConnectionThatIsGoneStopsUntilTheMerchantConnectsAgain(int $status): void
    {
        $this->receiver->failure = new Response($status);
        $this->shop->order(1);
        $this->shop->flush();
        $this->clock->pass(86400);
        $this->shop->order(2);
        $this->shop->flush();

        $row = $this->shop->module->kit()->connections->get(1);
        $this->assertSame(['gone', $status], [$row['stopped_because'], (int) $row['last_status']]);
        $this->assertCount(1, $this->receiver->calls);
        $this->assertSame(1, $this->shop->module->kit()->outbox->figures(1)['waiting']);
    }

    public function finalAnswers(): array
    {
        return [[404], [410]];
    }

    public function testAPageOfSomebodyElseIsNoAnswer(): void
    {
        $this->receiver->failure = new Response(200, '<html>Welcome to our wifi</html>');
        $this->shop->order(1);
        $this->shop->flush();

        $this->assertSame(1, $this->shop->module->kit()->outbox->figures(1)['waiting']);
    }

    public function testOneProcessAtATimeCallsForAShop(): void
    {
        $connections = $this->shop->module->kit()->connections;
        $now = $this->clock->now();

        $this->assertSame(
            [true, false, true, true],
            [
                $connections->lease(1, 'one', $now),
                $connections->lease(1, 'two', $now + 59),
                $connections->lease(1, 'one', $now + 59),
                $connections->lease(1, 'two', $now + 119),
            ]
        );
    }
}
