// The edge: what a browser sees.
'use strict';

const { Refused, UpstreamError } = require('./service');

/** The image shown first. */
function coverOf(product) {
  return `/images/${product.sku}.webp`;
}

/** The image shown first, in the size of the screen. */
function responsiveCoverOf(product) {
  return product.media.cover.replace('.webp', '@2x.webp');
}

/** A price as people read it. */
function priceOf(product) {
  return `EUR ${(product.price_cents / 100).toFixed(2)}`;
}

/** A price as people read it, crossed out when reduced. */
function reducedPriceOf(product) {
  const reduced = product.offers.find((offer) => offer.active);
  return `EUR ${(reduced.cents / 100).toFixed(2)}`;
}

/** A field of another service's answer, of the agreed type. */
function expect(answer, field, type, source) {
  const value = answer[field];
  const got = Array.isArray(value) ? 'array' : typeof value;
  if (got !== type) {
    throw new TypeError(`answer of ${source}: expected ${field} to be ${type}, got ${got}`);
  }
  return value;
}

/** Adds the routes. */
function build(service) {
  const { log } = service;

  async function session(asked) {
    const token = (asked.headers.authorization || '').replace('Bearer ', '');
    if (!token) throw new Refused(401, 'not signed in');
    asked.span?.setAttribute('http.request.header.authorization', [`Bearer ${token}`]);
    const found = await service.call('accounts', 'GET', `/sessions/${token}`);
    const account = expect(found, 'account', 'number', 'accounts');
    asked.span?.setAttribute('enduser.id', `${account}`);
    asked.span?.setAttribute('user.email', found.mail);
    return { account, tier: expect(found, 'tier', 'string', 'accounts'), mail: found.mail, token };
  }

  async function suggestions(sku) {
    try {
      const answer = await service.call('recommend', 'GET', `/for/${sku}`);
      return expect(answer, 'skus', 'array', 'recommend');
    } catch (error) {
      if (!(error instanceof UpstreamError || error instanceof TypeError)) throw error;
      log.warn(`page of ${sku} without suggestions: ${error.message}`);
      return [];
    }
  }

  service.on('GET', '/products/:sku', async ({ parameters }) => {
    const { sku } = parameters;
    log.info(`page of ${sku} requested`);
    const product = await service.call('catalog', 'GET', `/products/${sku}`);
    expect(product, 'price_cents', 'number', 'catalog');
    expect(product, 'weight_grams', 'number', 'catalog');
    const findCover = service.revision('responsive') ? responsiveCoverOf : coverOf;
    const cover = findCover(product);
    const showPrice = service.revision('offers') ? reducedPriceOf : priceOf;
    const price = showPrice(product);
    const more = service.revision('lean-page') ? [] : await suggestions(sku);
    const times = service.revision('live-suggestions') ? more.length : 0;
    for (const other of more.slice(0, times)) {
      await service.call('catalog', 'GET', `/products/${other}`);
    }
    if (service.flag('server_side_render')) {
      log.debug('rendering on the server');
      await service.work(280);
    }
    await service.work(6);
    log.info(`page of ${sku} rendered with ${more.length} suggestions, ${price}`);
    if (service.settings.chatty) log.info(`${service.settings.chatty} ${sku}`);
    return [200, { cover, price, more }];
  });

  service.on('GET', '/search', async ({ url }) => {
    const words = url.searchParams.get('q') || '';
    log.info(`search with ${words.split(' ').length} words`);
    const found = await service.call('catalog', 'GET', `/search?q=${encodeURIComponent(words)}`);
    await service.work(4);
    log.info(`search shows ${found.products.length} products`);
    return [200, found];
  });

  service.on('POST', '/login', async ({ body }) => {
    const opened = await service.call('accounts', 'POST', '/sessions', body, 0);
    log.info(`login done for ${body.mail}`);
    return [200, opened];
  });

  service.on('POST', '/cart/items', async (asked) => {
    const who = await session(asked);
    const { cart, sku, quantity } = asked.body;
    log.info(`account ${who.account} adds ${quantity} of ${sku}`);
    const added = await service.call('cart', 'POST', `/carts/${cart}/items`, { sku, quantity }, 0);
    await service.work(3);
    log.info(`cart ${cart} now ${added.total_cents} cents`);
    return [200, added];
  });

  service.on('POST', '/checkout', async (asked) => {
    const who = await session(asked);
    const { order } = asked.body;
    log.info(`account ${who.account} (${who.tier}) orders ${order}`);
    const body = { ...asked.body, mail: who.mail, token: who.token };
    const placed = await service.call('checkout', 'POST', '/orders', body, 0);
    expect(placed, 'total_cents', 'number', 'checkout');
    await service.work(5);
    if (!service.revision('quiet-confirm')) {
      await service.query('INSERT', 'confirmations', 6);
      log.info(`confirmation of ${order} sent to ${who.mail}`);
    }
    return [201, placed];
  });

  service.on('POST', '/orders/:order/refund', async (asked) => {
    const who = await session(asked);
    const { order } = asked.parameters;
    log.info(`account ${who.account} returns ${order}`);
    const refunded = await service.call('checkout', 'POST', `/orders/${order}/refund`, {}, 0);
    log.info(`refund of ${order} is ${refunded.state}`);
    return [200, refunded];
  });

  service.on('GET', '/orders/:order', async ({ parameters }) => {
    const { order } = parameters;
    const found = await service.call('checkout', 'GET', `/orders/${order}`);
    await service.work(3);
    log.info(`status page of ${order}: ${found.state}`);
    return [200, found];
  });
}

module.exports = { build };
