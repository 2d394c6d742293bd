"""What an application's server does with posthog-python: one event, one set, one flag."""

import json
import os

from posthog import Posthog

user, email = os.environ["SEND_USER"], os.environ["SEND_EMAIL"]
client = Posthog(os.environ["SEND_TOKEN"], host=os.environ["SEND_TO"], gzip=os.environ.get("GZIP") == "1", max_retries=0)
client.capture("Paid", distinct_id=user, properties={"amount": 3, "receipt": f"to {email}"})
client.set(distinct_id=user, properties={"email": email})
value = client.get_feature_flag("price-test", user, person_properties={"email": email}, send_feature_flag_events=False)
client.shutdown()
print(json.dumps({"price-test": value}))
