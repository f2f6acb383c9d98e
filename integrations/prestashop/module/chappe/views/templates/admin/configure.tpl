{*
 * The page behind “Configure”.
 *
 * @author    Chappe
 * @copyright 2026 the Chappe contributors
 * @license   https://opensource.org/licenses/AFL-3.0 Academic Free License version 3.0 (AFL-3.0)
 *}
{assign var='health' value=$chappe.health}
<div class="panel" id="chappe-connection">
  <h3>
    {l s='Connection' mod='chappe'}
    {if $health.state == 'connected'}<span class="badge badge-success">{l s='connected' mod='chappe'}</span>
    {elseif $health.state == 'failing'}<span class="badge badge-warning">{l s='does not answer' mod='chappe'}</span>
    {elseif $health.state == 'stopped'}<span class="badge badge-danger">{l s='ended by Chappe: connect again' mod='chappe'}</span>
    {else}<span class="badge badge-info">{l s='not connected yet' mod='chappe'}</span>{/if}
  </h3>
  {if $chappe.endpoint}<p>{l s='Address:' mod='chappe'} <code>{$chappe.endpoint|escape:'html':'UTF-8'}</code></p>{/if}
  <form method="post" action="{$chappe.action|escape:'html':'UTF-8'}">
    <div class="form-group">
      <label for="chappe-token">{l s='Connection token' mod='chappe'}</label>
      <textarea id="chappe-token" name="chappe_token" rows="3" class="form-control" autocomplete="off" spellcheck="false" required></textarea>
      <p class="help-block">{l s='Chappe shows it on the page of this shop, under Shops. Paste it here whole.' mod='chappe'}</p>
    </div>
    <button type="submit" name="chappe_do" value="connect" class="btn btn-primary">{l s='Connect' mod='chappe'}</button>
  </form>
  {if $chappe.endpoint}
    <form method="post" action="{$chappe.action|escape:'html':'UTF-8'}" class="form-inline">
      <button type="submit" name="chappe_do" value="test" class="btn btn-default">{l s='Test' mod='chappe'}</button>
      <button type="submit" name="chappe_do" value="past" class="btn btn-default">{l s='Tell the orders of the last 30 days' mod='chappe'}</button>
      <button type="submit" name="chappe_do" value="disconnect" class="btn btn-default">{l s='Disconnect' mod='chappe'}</button>
    </form>
  {/if}
</div>

{if $chappe.endpoint}
  <div class="panel" id="chappe-health">
    <h3>{l s='Health' mod='chappe'}</h3>
    {if $health.hook_error}
      <div class="alert alert-warning">{l s='Something went wrong inside the module; the shop went on without it:' mod='chappe'} {$health.hook_error|escape:'html':'UTF-8'} ({$health.hook_error_at|escape:'html':'UTF-8'})</div>
    {/if}
    {if $health.state == 'failing'}
      <div class="alert alert-warning">
        {l s='The last call failed:' mod='chappe'} {if $health.last_status == 401}{l s='the token does not match, or the clock of this server is more than five minutes off.' mod='chappe'}{elseif $health.last_error}{$health.last_error|escape:'html':'UTF-8'}{else}HTTP {$health.last_status|intval}{/if}
        {l s='Next try:' mod='chappe'} {$health.next_attempt_at|escape:'html':'UTF-8'}
      </div>
    {/if}
    <table class="table">
      <tbody>
        <tr><th scope="row">{l s='Waiting' mod='chappe'}</th><td>{$health.waiting|intval}{if $health.oldest_waiting_at}, {l s='since' mod='chappe'} {$health.oldest_waiting_at|escape:'html':'UTF-8'}{/if}</td></tr>
        <tr><th scope="row">{l s='Delivered in 7 days' mod='chappe'}</th><td>{$health.delivered|intval}</td></tr>
        <tr><th scope="row">{l s='Refused' mod='chappe'}</th><td>{$health.refused|intval}{foreach from=$chappe.refusals item=refusal}<br>{$refusal.kind|escape:'html':'UTF-8'} {$refusal.subject|escape:'html':'UTF-8'}: {$refusal.reason|escape:'html':'UTF-8'}{/foreach}</td></tr>
        <tr><th scope="row">{l s='Given up after 3 days' mod='chappe'}</th><td>{$health.too_old|intval}</td></tr>
        <tr><th scope="row">{l s='Last answer' mod='chappe'}</th><td>{$health.last_ok_at|default:'–'|escape:'html':'UTF-8'}</td></tr>
        <tr><th scope="row">{l s='Sent after a page' mod='chappe'}</th><td>{if $chappe.can_finish}{$health.response_at|default:'–'|escape:'html':'UTF-8'}{else}{l s='not possible on this server' mod='chappe'}{/if}</td></tr>
        <tr><th scope="row">{l s='Sent by a scheduled task' mod='chappe'}</th><td>{$health.cron_at|default:'–'|escape:'html':'UTF-8'}</td></tr>
        <tr><th scope="row">{l s='Fetched by Chappe' mod='chappe'}</th><td>{$health.pull_at|default:'–'|escape:'html':'UTF-8'}</td></tr>
      </tbody>
    </table>
    <p>{l s='One of the last three is enough. For a scheduled task every five minutes, call this address or run this file:' mod='chappe'}<br>
      <code>{$chappe.cron_url|escape:'html':'UTF-8'}</code><br><code>php {$chappe.cron_file|escape:'html':'UTF-8'}</code></p>
  </div>
{/if}

<div class="panel" id="chappe-states">
  <h3>{l s='What the states of an order mean' mod='chappe'}</h3>
  <form method="post" action="{$chappe.action|escape:'html':'UTF-8'}">
    <table class="table">
      <thead><tr><th scope="col">{l s='State' mod='chappe'}</th><th scope="col">{l s='By itself' mod='chappe'}</th><th scope="col">{l s='Your choice' mod='chappe'}</th></tr></thead>
      <tbody>
        {foreach from=$chappe.states item=state}
          <tr>
            <td><label for="chappe-state-{$state.id|intval}">{$state.name|escape:'html':'UTF-8'}</label></td>
            <td>{$state.usual|default:'–'|escape:'html':'UTF-8'}</td>
            <td>
              <select id="chappe-state-{$state.id|intval}" name="state[{$state.id|intval}]" class="form-control">
                <option value="">{l s='as it is' mod='chappe'}</option>
                {foreach from=$chappe.facts key=fact item=name}
                  <option value="{$fact|escape:'html':'UTF-8'}"{if $state.chosen == $fact} selected{/if}>{$name|escape:'html':'UTF-8'}</option>
                {/foreach}
              </select>
            </td>
          </tr>
        {/foreach}
      </tbody>
    </table>
    <button type="submit" name="chappe_do" value="states" class="btn btn-primary">{l s='Save' mod='chappe'}</button>
  </form>
</div>

<div class="panel" id="chappe-consent">
  <h3>{l s='Offers by SMS' mod='chappe'}</h3>
  <p>{l s='Whoever ticks the box agrees to these very words, which are sent along as evidence. Without words nobody is asked. The box is never ticked beforehand.' mod='chappe'}</p>
  <form method="post" action="{$chappe.action|escape:'html':'UTF-8'}">
    {foreach from=$chappe.languages item=language}
      <div class="form-group">
        <label for="chappe-wording-{$language.id|intval}">{l s='Words beside the box' mod='chappe'} ({$language.name|escape:'html':'UTF-8'})</label>
        <input id="chappe-wording-{$language.id|intval}" name="wording[{$language.id|intval}]" maxlength="1000" class="form-control" value="{$language.wording|escape:'html':'UTF-8'}">
      </div>
    {/foreach}
    {foreach from=$chappe.switches item=switch}
      <div class="checkbox"><label><input type="checkbox" name="{$switch.name|escape:'html':'UTF-8'}" value="1"{if $switch.is_on} checked{/if}> {$switch.label|escape:'html':'UTF-8'}</label></div>
    {/foreach}
    <button type="submit" name="chappe_do" value="settings" class="btn btn-primary">{l s='Save' mod='chappe'}</button>
  </form>
</div>
