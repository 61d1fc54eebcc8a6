"""Sends an update to SQS, or else to Kafka. Needs boto3, or kafka-python."""

import json
import os

update = {
    "clientKrn": "krn:acme:client:1",
    "email": "loader@acme.example",
    "filename": "orders.csv",
    "counts": {"done": 500, "warn": 3, "failed": 0},
    "total": 2000,
    "updateId": "orders.csv lines 1-503",
}

if "SQS_QUEUE_URL" in os.environ:
    import boto3

    sqs = boto3.client(
        "sqs",
        region_name=os.environ.get("AWS_REGION", "eu-central-1"),
        endpoint_url=os.environ.get("SQS_ENDPOINT"),
    )
    sqs.send_message(QueueUrl=os.environ["SQS_QUEUE_URL"], MessageBody=json.dumps(update))
else:
    from kafka import KafkaProducer

    servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092").split(",")
    producer = KafkaProducer(bootstrap_servers=servers, acks="all")
    # One key for each file: its updates stay in order, and in one worker's hands.
    key = f"{update['clientKrn']}/{update['filename']}".encode()
    topic = os.environ.get("KAFKA_TOPIC_NAME", "progress-updates")
    # Waits for the broker: what it did not take is raised here.
    producer.send(topic, json.dumps(update).encode(), key=key).get(timeout=30)
    producer.close()
