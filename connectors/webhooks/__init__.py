"""The gateway: shops' webhooks in, this project's contracts out.

`shopify.py`, `woocommerce.py`, `magento.py` and `custom.py` know a platform each: its headers, its
signature, and what its bodies mean. `contract.py` is what they may say, `snapshots.py` turns what a
shop says there is now into what has changed, `writer.py` writes it exactly once, `receiver.py`
decides how a request is answered, and `app.py` is the HTTP around it.
"""
