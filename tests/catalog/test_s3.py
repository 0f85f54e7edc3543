"""Opening from a real S3 server."""

import numpy as np
import pytest

from chaosdata.catalog.load import open_catalog, open_dataset, open_datatree
from chaosdata.errors import CatalogError, IntegrityError, StorageError
from chaosdata.store.files import list_files

boto3 = pytest.importorskip("boto3")
pytest.importorskip("s3fs")
moto_server = pytest.importorskip("moto.server")

STATE = "data/example/1.10.0/data.zarr/Lorenz/state/c/3/0/0"


@pytest.fixture(scope="module")
def server():
    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def access(server):
    return {
        "key": "key",
        "secret": "secret",
        "endpoint_url": server,
        "client_kwargs": {"region_name": "us-east-1"},
    }


@pytest.fixture(scope="module")
def client(server, published_root):
    client = boto3.client(
        "s3",
        endpoint_url=server,
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        region_name="us-east-1",
    )
    client.create_bucket(Bucket="bucket")
    for path in list_files(published_root):
        client.put_object(Bucket="bucket", Key=f"data/{path}", Body=(published_root / path).read_bytes())
    return client


def test_a_bucket_is_a_root(client, access, published_root):
    options = {"root": "s3://bucket/data", "storage_options": access}
    assert open_catalog("s3://bucket/data", storage_options=access).names == ("example", "single")
    found = open_dataset("example", "Lorenz", "test", verify=True, **options)
    expected = open_dataset("example", "Lorenz", "test", root=published_root)
    assert np.array_equal(found["state"].values, expected["state"].values, equal_nan=True)
    assert set(open_datatree("example", **options).children) == {"Lorenz", "SprottB"}


def test_a_lost_object_is_an_error_and_never_nan(client, access, published_root):
    options = {"root": "s3://bucket/data", "storage_options": access}
    body = client.get_object(Bucket="bucket", Key=STATE)["Body"].read()
    client.delete_object(Bucket="bucket", Key=STATE)
    try:
        with pytest.raises(StorageError, match=r"state/c/3/0/0 is missing"):
            open_dataset("example", "Lorenz", "validation", **options)["state"].load()
        with pytest.raises(IntegrityError, match=r"state/c/3/0/0 is missing"):
            open_dataset("example", "Lorenz", verify=True, **options)
    finally:
        client.put_object(Bucket="bucket", Key=STATE, Body=body)


def test_no_catalog_no_bucket_and_no_server_are_one_line(client, access):
    with pytest.raises(CatalogError, match=r"s3://bucket/elsewhere/catalog\.yaml"):
        open_catalog("s3://bucket/elsewhere", storage_options=access)
    with pytest.raises((CatalogError, StorageError), match="s3://nobucket"):
        open_catalog("s3://nobucket", storage_options=access)
    closed = access | {"endpoint_url": "http://127.0.0.1:9"}
    with pytest.raises(StorageError, match="Cannot read s3://bucket") as caught:
        open_catalog("s3://bucket/data", storage_options=closed)
    assert "\n" not in str(caught.value)
